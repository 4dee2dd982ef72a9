package io.moineau.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text from files and pipes: UTF-8 or a named error, within a limit. */
final class InputText {
  private static final long MOST_BYTES = 256L << 20;

  private InputText() {}

  /** The text of a file; {@code -} is not special here. */
  static String file(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      throw new CliException(
          "not-a-file", "a directory was given for a text", path.toString(), "a text file", "");
    }
    if (Files.isRegularFile(path) && Files.size(path) > MOST_BYTES) {
      throw tooLarge(path.toString());
    }
    try (InputStream in = Files.newInputStream(path)) {
      return all(in, path.toString());
    }
  }

  /** Everything that a stream gives until its end. */
  static String all(InputStream in, String name) throws IOException {
    byte[] bytes = in.readNBytes((int) MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw tooLarge(name);
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new CliException(
          "text-not-utf8",
          "a text is not UTF-8",
          name,
          "UTF-8",
          "convert it, for example with iconv -f LATIN1 -t UTF-8");
    }
  }

  private static CliException tooLarge(String name) {
    return new CliException(
        "text-too-large", "a text is too large", name, "at most 256 MiB", "split it");
  }
}
