package io.moineau.bench.peers;

import io.moineau.format.GgufFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A file that all programs are given.
 *
 * @param label its name without the ending, as tables show it
 * @param architecture as its metadata says
 * @param vocabularySize tokens that its tokenizer has
 */
record ModelFile(Path path, String label, String architecture, int vocabularySize, long bytes) {
  /**
   * Reads the header.
   *
   * @throws io.moineau.error.MoineauException if it cannot be read
   */
  static ModelFile of(Path path) {
    String name = path.getFileName().toString();
    try (GgufFile file = GgufFile.open(path)) {
      return new ModelFile(
          path.toAbsolutePath(),
          name.endsWith(".gguf") ? name.substring(0, name.length() - ".gguf".length()) : name,
          file.metadata().findString("general.architecture").orElse(""),
          vocabulary(file),
          file.fileBytes());
    }
  }

  private static int vocabulary(GgufFile file) {
    return Math.toIntExact(file.metadata().arrayLength("tokenizer.ggml.tokens").orElse(0L));
  }

  /** Reads all of it, so that whoever loads it first is not the one who waits for the disk. */
  void readOnce() {
    try (InputStream in = Files.newInputStream(path)) {
      in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
