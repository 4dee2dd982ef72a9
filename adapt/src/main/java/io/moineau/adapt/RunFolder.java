package io.moineau.adapt;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** The folder of a run: vocabulary, checkpoint, log, curves, report. */
record RunFolder(Path folder) {
  Path vocabulary() {
    return folder.resolve("vocabulary.gguf");
  }

  Path checkpoint() {
    return folder.resolve("checkpoint.bin");
  }

  Path log() {
    return folder.resolve("log.csv");
  }

  boolean isBegun() {
    return Files.exists(checkpoint());
  }

  void make() {
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw failed(folder, e);
    }
  }

  /**
   * Reads the checkpoint of a run into arrays.
   *
   * @param begun what a run is begun with, for the error: {@code the recipe}
   * @throws AdaptException {@code train-recipe-changed} and {@code train-data-changed} if it was
   *     begun with other sums; {@code train-bad-checkpoint}
   */
  Checkpoint read(long recipe, long data, String begun, float[]... arrays) {
    Checkpoint found = Checkpoint.read(checkpoint(), arrays);
    if (found.recipe() != recipe) {
      throw changed("train-recipe-changed", begun + " is not what the run was begun with");
    }
    if (found.data() != data) {
      throw changed("train-data-changed", "the data are not those that the run was begun with");
    }
    return found;
  }

  private AdaptException changed(String code, String what) {
    return new AdaptException(
        code,
        what,
        checkpoint().toString(),
        "the same settings and files to the letter",
        "restore them, or begin anew under another name");
  }

  /**
   * Refuses to begin what was begun already.
   *
   * @throws AdaptException {@code train-run-exists}
   */
  void checkNew(String what, String named) {
    if (isBegun()) {
      throw new AdaptException(
          "train-run-exists",
          what + " was begun already",
          checkpoint().toString(),
          "--resume to go on",
          "or name another " + named + ", or delete this folder");
    }
  }

  /** Writes a text so that there always is a whole one under the name. */
  void write(String name, String text) {
    Path file = folder.resolve(name);
    Path passing = folder.resolve("." + name + ".part");
    try {
      Files.writeString(passing, text, StandardCharsets.UTF_8);
      Files.move(
          passing, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed(file, e);
    }
  }

  String readLog() {
    try {
      return Files.exists(log()) ? Files.readString(log(), StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw failed(log(), e);
    }
  }

  private static AdaptException failed(Path file, IOException e) {
    return new AdaptException(
        "train-run-folder",
        "a file of the run cannot be read or written",
        file + " (" + e.getMessage() + ")",
        "a folder that this user may write to, with room",
        "check the folder, then go on with --resume");
  }
}
