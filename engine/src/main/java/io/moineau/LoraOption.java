package io.moineau;

import java.nio.file.Path;

/**
 * An adapter that is to be added to a model's weights while it runs; the weights stay as they are.
 *
 * @param file a LoRA adapter: llama.cpp's GGUF form, or PEFT's folder or safetensors file
 * @param scale how much of it: 1 as it was trained, 0.5 for half, negative to take it away
 */
public record LoraOption(Path file, float scale) {
  /** The whole of an adapter. */
  public static LoraOption of(Path file) {
    return new LoraOption(file, 1);
  }
}
