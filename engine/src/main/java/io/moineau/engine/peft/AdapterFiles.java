package io.moineau.engine.peft;

import io.moineau.engine.EngineException;
import io.moineau.format.GgufFile;
import io.moineau.format.GgufWriter;
import io.moineau.format.SafetensorsFile;
import io.moineau.model.LoraAdapter;
import io.moineau.text.Json;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.Consumer;

/**
 * LoRA adapters in files of either form: llama.cpp's GGUF, and PEFT's {@code
 * adapter_model.safetensors} with {@code adapter_config.json} beside it.
 */
public final class AdapterFiles {
  private static final String TENSORS = "adapter_model.safetensors";

  private AdapterFiles() {}

  /** Whether a path means a PEFT adapter: a folder, or a name that ends in .safetensors. */
  public static boolean isPeft(Path path) {
    return Files.isDirectory(path) || path.toString().endsWith(".safetensors");
  }

  /**
   * Opens an adapter of either form and checks it against the model that it is for. One of PEFT's
   * is converted in memory.
   *
   * @param scale how much of it is added; 1 as it was trained
   * @param notes told what a conversion does beyond copying
   * @throws EngineException {@code peft-...}
   * @throws io.moineau.model.ModelException {@code lora-...}, as {@link LoraAdapter#open}
   */
  public static LoraAdapter open(Path path, float scale, GgufFile model, Consumer<String> notes) {
    if (!isPeft(path)) {
      return LoraAdapter.open(path, scale, model);
    }
    GgufFile converted;
    try (SafetensorsFile tensors = tensors(path)) {
      GgufWriter writer = PeftReader.convert(tensors, config(path, notes), model, notes);
      // Freed when the adapter is not reachable any more.
      converted = GgufFile.parse(writer.toMemory(Arena.ofAuto()), path.toString());
    }
    return LoraAdapter.open(converted, scale, model);
  }

  /**
   * Writes a PEFT adapter as GGUF.
   *
   * @param path its folder, or the safetensors file in it
   * @throws EngineException {@code peft-...}
   * @throws io.moineau.format.FormatException if a file cannot be read or written
   */
  public static void toGguf(Path path, GgufFile model, Path target, Consumer<String> notes) {
    try (SafetensorsFile tensors = tensors(path)) {
      PeftReader.convert(tensors, config(path, notes), model, notes).write(target);
    }
  }

  /**
   * Writes a GGUF adapter as PEFT's two files.
   *
   * @param folder made if it is not there
   * @throws EngineException {@code peft-no-layer}, {@code peft-architecture}, {@code
   *     peft-write-failed}
   * @throws io.moineau.model.ModelException {@code lora-...} if the adapter does not fit the model
   */
  public static void toPeft(Path adapter, GgufFile model, Path folder) {
    LoraAdapter.open(adapter, 1, model).close(); // its checks
    try (GgufFile file = GgufFile.open(adapter)) {
      PeftWriter.Output output = PeftWriter.convert(file, model);
      try {
        Files.createDirectories(folder);
        output.tensors().write(folder.resolve(TENSORS));
        Path passing = folder.resolve("." + PeftConfig.FILE + ".part");
        Files.writeString(
            passing, Json.writeIndented(output.config()) + "\n", StandardCharsets.UTF_8);
        Files.move(passing, folder.resolve(PeftConfig.FILE), StandardCopyOption.REPLACE_EXISTING);
      } catch (IOException e) {
        throw new EngineException(
            "peft-write-failed",
            "an adapter's folder cannot be written",
            folder + " (" + e.getMessage() + ")",
            "a folder that this user may write to, with room",
            "check the folder, or name another");
      }
    }
  }

  /**
   * Checks that an adapter of these weights could be written for PEFT.
   *
   * @throws EngineException {@code peft-no-layer}, {@code peft-architecture}
   */
  public static void checkPeft(Iterable<String> weights, GgufFile model) {
    PeftWriter.check(weights, model);
  }

  private static SafetensorsFile tensors(Path path) {
    Path file = Files.isDirectory(path) ? path.resolve(TENSORS) : path;
    if (Files.isDirectory(path) && !Files.exists(file)) {
      boolean pickled = Files.exists(path.resolve("adapter_model.bin"));
      throw new EngineException(
          "peft-no-tensors",
          "a folder has no adapter in it",
          path + (pickled ? " has adapter_model.bin" : " has no " + TENSORS),
          TENSORS + " and " + PeftConfig.FILE,
          pickled ? "save it again with PEFT as safetensors" : "name the adapter's folder");
    }
    return SafetensorsFile.open(file);
  }

  private static PeftConfig config(Path path, Consumer<String> notes) {
    Path file =
        Files.isDirectory(path)
            ? path.resolve(PeftConfig.FILE)
            : path.resolveSibling(PeftConfig.FILE);
    return PeftConfig.read(file, notes);
  }
}
