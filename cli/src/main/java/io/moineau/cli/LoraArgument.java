package io.moineau.cli;

import io.moineau.LoraOption;
import java.nio.file.Files;
import java.nio.file.Path;

/** {@code FILE} or {@code FILE:SCALE}, as llama.cpp's {@code --lora-scaled} has it. */
final class LoraArgument {
  private LoraArgument() {}

  static LoraOption parse(String word) {
    int colon = word.lastIndexOf(':');
    if (colon > 0 && !Files.exists(Path.of(word))) {
      try {
        float scale = Float.parseFloat(word.substring(colon + 1));
        return new LoraOption(Path.of(word.substring(0, colon)), scale);
      } catch (NumberFormatException e) {
        // then it is part of a name, and a file that is missing is told as such
      }
    }
    return LoraOption.of(Path.of(word));
  }
}
