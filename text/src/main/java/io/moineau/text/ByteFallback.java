package io.moineau.text;

import java.nio.charset.StandardCharsets;

/**
 * What becomes of a character that is no token: tokens of its bytes ({@code <0xE2>}), or unknown.
 */
final class ByteFallback {
  private final int[] byteIds; // [256], empty without fallback
  private final int unknownId; // -1 without
  private final boolean fuse;

  ByteFallback(Vocabulary vocabulary, boolean byteFallback, int unknownId, boolean fuse) {
    this.unknownId = unknownId;
    this.fuse = fuse;
    int[] ids = new int[byteFallback ? 256 : 0];
    for (int b = 0; b < ids.length; b++) {
      ids[b] = vocabulary.id(name(b));
    }
    byteIds = ids;
  }

  static String name(int b) {
    return String.format("<0x%02X>", b & 0xFF);
  }

  /** The byte that a token such as {@code <0x0A>} stands for, or -1. */
  static int byteOf(String token) {
    if (token.length() != 6 || !token.startsWith("<0x") || token.charAt(5) != '>') {
      return -1;
    }
    int high = Character.digit(token.charAt(3), 16);
    int low = Character.digit(token.charAt(4), 16);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
  }

  /** Adds what stands for {@code text}. */
  void add(String text, IntList out, int start) {
    if (byteIds.length > 0) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      boolean all = true;
      for (byte b : bytes) {
        all &= byteIds[b & 0xFF] >= 0;
      }
      if (all) {
        for (byte b : bytes) {
          out.add(byteIds[b & 0xFF]);
        }
        return;
      }
    }
    if (unknownId >= 0 && !(fuse && out.size() > start && out.last() == unknownId)) {
      out.add(unknownId);
    }
  }
}
