package io.moineau.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * SentencePiece's compiled normalisation: a double-array trie (as in the Darts library) from UTF-8
 * prefixes to replacements. The longest prefix that it knows is replaced; a character that it does
 * not know stays.
 *
 * <p>Hugging Face's reading of the same map differs: it looks at one grapheme at a time, replaces
 * the whole of it by what its shortest known prefix stands for where it has fewer than six bytes,
 * and else each character by itself. A tokenizer.json means that reading.
 */
final class PrecompiledCharsMap implements TextNormalizer {
  private final int[] units;
  private static final Pattern GRAPHEME = Pattern.compile("\\X");
  private static final int LONGEST_WHOLE = 6;

  private final byte[] replacements;
  private final boolean byGrapheme;

  PrecompiledCharsMap(byte[] blob, boolean byGrapheme) {
    this.byGrapheme = byGrapheme;
    if (blob.length == 0) {
      units = new int[0];
      replacements = blob;
      return;
    }
    ByteBuffer buffer = ByteBuffer.wrap(blob).order(ByteOrder.LITTLE_ENDIAN);
    long size = blob.length < 4 ? -1 : Integer.toUnsignedLong(buffer.getInt());
    if (size < 0 || size % 4 != 0 || size > blob.length - 4) {
      throw new TextException(
          "tokenizer-bad-charsmap",
          "a compiled normalisation is damaged",
          "its trie has " + size + " of " + blob.length + " bytes",
          "a multiple of 4 that is there",
          "convert the tokenizer again");
    }
    units = new int[(int) size / 4];
    buffer.asIntBuffer().get(units);
    replacements = java.util.Arrays.copyOfRange(blob, 4 + (int) size, blob.length);
  }

  @Override
  public String apply(String text) {
    if (units.length == 0) {
      return text;
    }
    return byGrapheme ? graphemes(text) : prefixes(text);
  }

  private String graphemes(String text) {
    StringBuilder out = new StringBuilder(text.length() + 16);
    Matcher matcher = GRAPHEME.matcher(text);
    while (matcher.find()) {
      String grapheme = matcher.group();
      byte[] bytes = grapheme.getBytes(StandardCharsets.UTF_8);
      long found = bytes.length < LONGEST_WHOLE ? prefix(bytes, 0, true) : 0;
      if (found != 0) {
        out.append(replacement((int) found));
        continue;
      }
      for (int i = 0; i < grapheme.length(); ) {
        int c = grapheme.codePointAt(i);
        String one = Character.toString(c);
        long known = prefix(one.getBytes(StandardCharsets.UTF_8), 0, true);
        out.append(known != 0 ? replacement((int) known) : one);
        i += Character.charCount(c);
      }
    }
    return out.toString();
  }

  private String replacement(int from) {
    int end = from;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    return from >= end ? "" : new String(replacements, from, end - from, StandardCharsets.UTF_8);
  }

  private String prefixes(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream(bytes.length + 16);
    int at = 0;
    while (at < bytes.length) {
      long found = prefix(bytes, at, false);
      int length = (int) (found >>> 32);
      if (length > 0) {
        int from = (int) found;
        for (int i = from; i >= 0 && i < replacements.length && replacements[i] != 0; i++) {
          out.write(replacements[i]);
        }
        at += length;
      } else {
        int width = width(bytes[at]);
        for (int i = 0; i < width && at < bytes.length; i++) {
          out.write(bytes[at++]);
        }
      }
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static int width(byte first) {
    int b = first & 0xFF;
    return b < 0x80 ? 1 : b < 0xE0 ? 2 : b < 0xF0 ? 3 : 4;
  }

  /**
   * Length of the longest (or shortest) known prefix in the upper half and its replacement in the
   * lower; 0 if none.
   */
  private long prefix(byte[] bytes, int at, boolean shortest) {
    long best = 0;
    long node = offset(units[0]);
    for (int i = at; i < bytes.length && bytes[i] != 0; i++) {
      int label = bytes[i] & 0xFF;
      node ^= label;
      if (node < 0 || node >= units.length) {
        break;
      }
      int unit = units[(int) node];
      if ((unit & 0x800000FF) != label) {
        break;
      }
      node ^= offset(unit);
      if ((unit >>> 8 & 1) == 1 && node >= 0 && node < units.length) {
        best = (long) (i - at + 1) << 32 | (units[(int) node] & 0x7FFFFFFF);
        if (shortest) {
          break;
        }
      }
    }
    return best;
  }

  private static long offset(int unit) {
    return (long) (unit >>> 10) << ((unit & 1 << 9) >>> 6);
  }
}
