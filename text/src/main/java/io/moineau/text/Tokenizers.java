package io.moineau.text;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.List;
import java.util.function.Function;
import java.util.zip.GZIPInputStream;

/** Opens tokenizers from the files in which they come. */
public final class Tokenizers {
  /** The largest published tokenizer.json is 33 MB. */
  private static final int LARGEST_FILE = 256 << 20;

  private Tokenizers() {}

  /**
   * From {@code tokenizer.json}, or {@code tokenizer.json.gz}.
   *
   * @throws TextException if the file cannot be read or used
   */
  public static Tokenizer fromTokenizerJson(Path file) {
    return guarded(
        file.toString(), () -> TokenizerJson.parse(Json.parse(read(file)), file.toString()));
  }

  /**
   * From SentencePiece's {@code tokenizer.model}.
   *
   * @throws TextException if the file cannot be read or used
   */
  public static Tokenizer fromSentencePiece(Path file) {
    return guarded(file.toString(), () -> SentencePieceFile.parse(read(file), file.toString()));
  }

  /**
   * From the metadata of a GGUF file.
   *
   * @throws TextException if there is no tokenizer in it, or one that cannot be used
   */
  public static Tokenizer fromGguf(TokenizerMetadata metadata) {
    return guarded("the model file", () -> GgufTokenizer.parse(metadata));
  }

  /**
   * How a family of byte-level BPE cuts texts into the pieces that its merges stay within, for
   * learning a vocabulary: each piece as its vocabulary spells it.
   *
   * @param family as in {@code tokenizer.ggml.pre}
   * @throws TextException if there is no such family
   */
  public static Function<String, List<String>> pieces(String family) {
    PreTokenizers.Family named = PreTokenizers.named(family);
    PreTokenizer cut = named.cut();
    return text -> {
      String form = named.composes() ? Normalizer.normalize(text, Normalizer.Form.NFC) : text;
      return cut.apply(List.of(form), true);
    };
  }

  /** A damaged file can be wrong in ways that no check names: a text where a number should be. */
  private static Tokenizer guarded(String file, java.util.function.Supplier<Tokenizer> read) {
    try {
      return read.get();
    } catch (ClassCastException
        | IndexOutOfBoundsException
        | NullPointerException
        | IllegalArgumentException e) {
      throw new TextException(
          "tokenizer-damaged",
          "a tokenizer is damaged",
          file + ": " + e.getMessage(),
          "a tokenizer as published",
          "fetch it again");
    }
  }

  private static byte[] read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(LARGEST_FILE + 1);
      if (bytes.length > 2 && bytes[0] == 0x1F && (bytes[1] & 0xFF) == 0x8B) {
        try (InputStream unpacked = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
          bytes = unpacked.readNBytes(LARGEST_FILE + 1);
        }
      }
      if (bytes.length > LARGEST_FILE) {
        throw new TextException(
            "tokenizer-too-large",
            "a tokenizer file is too large",
            file.toString(),
            "at most " + LARGEST_FILE + " bytes",
            "this is no tokenizer");
      }
      return bytes;
    } catch (IOException e) {
      throw new TextException(
          "tokenizer-unreadable",
          "a tokenizer file cannot be read",
          file + ": " + e,
          "a readable file",
          "check the path");
    }
  }
}
