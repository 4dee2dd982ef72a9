package io.moineau.text.grammar;

import io.moineau.text.BytePieces;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** All bytes, some texts and pieces of texts, and special tokens: what masks are tried with. */
final class ByteTokenizer extends BytePieces {
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

  ByteTokenizer(long seed) {
    super(pieces(seed), SPECIAL, SPECIAL.getFirst());
  }

  private static List<byte[]> pieces(long seed) {
    List<byte[]> pieces = new ArrayList<>();
    TEXTS.forEach(text -> pieces.add(bytes(text)));
    Random random = new Random(seed);
    byte[] text =
        bytes(
            "{\"name\": \"J\u00f6rg \u20ac\uD83D\uDE00\", \"list\": [1, -2.5, {\"k\": null}], \"t\": true}");
    for (int i = 0; i < 300; i++) {
      int from = random.nextInt(text.length - 1);
      int length = 1 + random.nextInt(Math.min(9, text.length - from));
      pieces.add(Arrays.copyOfRange(text, from, from + length)); // halves of characters too
    }
    pieces.add(new byte[0]);
    return pieces;
  }
}
