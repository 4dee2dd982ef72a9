package io.moineau.bench.fuzz;

import io.moineau.text.TokenDecoder;
import io.moineau.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/** A reader of tokenizers: loads, turns a short text into ids, and these into text again. */
final class TokenizerTarget implements FuzzTarget {
  private static final String TEXT = "The sparrow <|end|> sang  42\n\u00e9t\u00e9 \ud83d\ude00.";

  private final String name;
  private final List<Sample> samples;
  private final Function<byte[], Tokenizer> reader;

  TokenizerTarget(String name, List<Sample> samples, Function<byte[], Tokenizer> reader) {
    this.name = name;
    this.samples = samples;
    this.reader = reader;
  }

  /**
   * A reader that takes a path: the mutant is put in a file first, in memory where there is some.
   */
  static Function<byte[], Tokenizer> fromFile(String fileName, Function<Path, Tokenizer> reader) {
    Path memory = Path.of("/dev/shm");
    try {
      Path folder =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "moineau-fuzz-")
              : Files.createTempDirectory("moineau-fuzz-");
      Path file = folder.resolve(fileName);
      folder.toFile().deleteOnExit();
      file.toFile().deleteOnExit();
      return bytes -> {
        try {
          Files.write(file, bytes);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
        return reader.apply(file);
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<Sample> samples() {
    return samples;
  }

  @Override
  public void read(byte[] input) {
    Tokenizer tokenizer = reader.apply(input);
    int[] ids = tokenizer.encode(TEXT, true, true);
    tokenizer.decode(ids, true);
    TokenDecoder decoder = tokenizer.decoder(false);
    for (int id : ids) {
      decoder.push(id);
    }
    decoder.flush();
    tokenizer.describe();
    for (int id : tokenizer.endOfGenerationIds()) {
      tokenizer.token(id);
    }
    int size = tokenizer.vocabularySize();
    if (size > 0) {
      tokenizer.token(0);
      tokenizer.bytes(size - 1);
      tokenizer.isSpecial(size - 1);
    }
    tokenizer.bosId().ifPresent(tokenizer::token);
    tokenizer.eosId().ifPresent(tokenizer::token);
  }
}
