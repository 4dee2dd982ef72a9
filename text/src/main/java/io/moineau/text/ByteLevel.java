package io.moineau.text;

import java.nio.charset.StandardCharsets;

/**
 * GPT-2's spelling of bytes as printable characters: bytes that print stand for themselves, the
 * others for U+0100 on, in order.
 */
final class ByteLevel {
  private static final char[] CHAR_OF = new char[256];
  private static final short[] BYTE_OF = new short[0x180];

  static {
    java.util.Arrays.fill(BYTE_OF, (short) -1);
    int next = 0x100;
    for (int b = 0; b < 256; b++) {
      boolean prints = (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
      CHAR_OF[b] = (char) (prints ? b : next++);
      BYTE_OF[CHAR_OF[b]] = (short) b;
    }
  }

  private ByteLevel() {}

  static char charOf(int b) {
    return CHAR_OF[b & 0xFF];
  }

  /** The byte that a character spells, or -1. */
  static int byteOf(char c) {
    return c < BYTE_OF.length ? BYTE_OF[c] : -1;
  }

  /** UTF-8 of a text, spelled. */
  static String spell(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    char[] chars = new char[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      chars[i] = CHAR_OF[bytes[i] & 0xFF];
    }
    return new String(chars);
  }

  /** The bytes that a token spells; its own UTF-8 if it holds a character that spells none. */
  static byte[] bytes(String token) {
    byte[] bytes = new byte[token.length()];
    for (int i = 0; i < bytes.length; i++) {
      int b = byteOf(token.charAt(i));
      if (b < 0) {
        return token.getBytes(StandardCharsets.UTF_8);
      }
      bytes[i] = (byte) b;
    }
    return bytes;
  }
}
