package io.moineau.text.grammar;

import io.moineau.text.MarkedText;
import io.moineau.text.TokenDecoder;
import io.moineau.text.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;

/** All bytes, some texts and pieces of texts, and special tokens: what masks are tried with. */
final class ByteTokenizer implements Tokenizer {
  private static final List<String> TEXTS =
      List.of(
          "{\"",
          "\":",
          "\", \"",
          "\"}",
          "\"},",
          "}}",
          "]}",
          " \"",
          "\n  ",
          "true",
          "fal",
          "null",
          "name",
          "\"name\":",
          "12",
          "0.",
          "e+",
          "\\u00",
          "\\n",
          "\u00e9",
          "\u20ac",
          "a b",
          "ab",
          "abc",
          "x\", \"y\": ",
          "[[",
          "]]",
          " 1",
          ", ",
          "\"a\"",
          "call",
          "<tool",
          "tool>",
          "l>x",
          "a".repeat(40),
          "ab".repeat(30),
          "\u20ac".repeat(20),
          " ".repeat(33),
          "-",
          "\"]",
          "}\n");
  static final List<String> SPECIAL = List.of("<|end|>", "<|call|>", "<|pad|>");

  private final List<byte[]> tokens = new ArrayList<>();
  private final int firstSpecial;

  ByteTokenizer(long seed) {
    for (int i = 0; i < 256; i++) {
      tokens.add(new byte[] {(byte) i});
    }
    TEXTS.forEach(t -> tokens.add(t.getBytes(StandardCharsets.UTF_8)));
    Random random = new Random(seed);
    byte[] text =
        "{\"name\": \"J\u00f6rg \u20ac\uD83D\uDE00\", \"list\": [1, -2.5, {\"k\": null}], \"t\": true}"
            .getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 300; i++) {
      int from = random.nextInt(text.length - 1);
      int length = 1 + random.nextInt(Math.min(9, text.length - from));
      tokens.add(
          java.util.Arrays.copyOfRange(text, from, from + length)); // halves of characters too
    }
    tokens.add(new byte[0]);
    firstSpecial = tokens.size();
    SPECIAL.forEach(t -> tokens.add(t.getBytes(StandardCharsets.UTF_8)));
  }

  int end() {
    return firstSpecial;
  }

  int special(int i) {
    return firstSpecial + i;
  }

  /** As single bytes. */
  static int[] bytesOf(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    int[] ids = new int[bytes.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = bytes[i] & 0xFF;
    }
    return ids;
  }

  @Override
  public int vocabularySize() {
    return tokens.size();
  }

  @Override
  public int[] encode(String text, boolean addSpecial, boolean parseSpecial) {
    return bytesOf(text);
  }

  @Override
  public int[] encode(MarkedText text, boolean addSpecial) {
    return bytesOf(text.text());
  }

  @Override
  public String decode(int[] ids, boolean skipSpecial) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int id : ids) {
      if (!(skipSpecial && isSpecial(id))) {
        out.writeBytes(tokens.get(id));
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  @Override
  public TokenDecoder decoder(boolean skipSpecial) {
    throw new UnsupportedOperationException();
  }

  @Override
  public byte[] bytes(int id) {
    return tokens.get(id);
  }

  @Override
  public String token(int id) {
    return new String(tokens.get(id), StandardCharsets.UTF_8);
  }

  @Override
  public OptionalInt find(String token) {
    for (int i = 256; i < tokens.size(); i++) {
      if (token(i).equals(token)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  @Override
  public boolean isSpecial(int id) {
    return id >= firstSpecial;
  }

  @Override
  public OptionalInt bosId() {
    return OptionalInt.empty();
  }

  @Override
  public OptionalInt eosId() {
    return OptionalInt.of(end());
  }

  @Override
  public int[] endOfGenerationIds() {
    return new int[] {end()};
  }

  @Override
  public String describe() {
    return "bytes";
  }
}
