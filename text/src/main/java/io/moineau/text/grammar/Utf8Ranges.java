package io.moineau.text.grammar;

import java.util.function.Consumer;

/**
 * A range of code points as sequences of byte ranges: U+0080 to U+07FF is one sequence, C2-DF
 * 80-BF. A range is cut where the number of bytes changes and where a continuation byte does not
 * run through all its values (after Thompson and Cox, as in RE2).
 */
final class Utf8Ranges {
  private static final int[] LAST_OF_LENGTH = {0x7F, 0x7FF, 0xFFFF, 0x10FFFF};

  private Utf8Ranges() {}

  /** Gives each sequence as first, last, first, last ...: two numbers for a byte. */
  static void forEach(CodePoints set, Consumer<int[]> sequences) {
    for (int i = 0; i < set.numRanges(); i++) {
      cut(set.first(i), set.last(i), sequences);
    }
  }

  private static void cut(int first, int last, Consumer<int[]> sequences) {
    for (int end : LAST_OF_LENGTH) {
      if (first <= end && end < last) {
        cut(first, end, sequences);
        cut(end + 1, last, sequences);
        return;
      }
    }
    for (int bits = 6; bits <= 18 && last > 0x7F; bits += 6) {
      int low = (1 << bits) - 1;
      if ((first & ~low) == (last & ~low)) {
        break;
      }
      if ((first & low) != 0) {
        cut(first, first | low, sequences);
        cut((first | low) + 1, last, sequences);
        return;
      }
      if ((last & low) != low) {
        cut(first, (last & ~low) - 1, sequences);
        cut(last & ~low, last, sequences);
        return;
      }
    }
    int[] from = bytes(first);
    int[] to = bytes(last);
    int[] sequence = new int[2 * from.length];
    for (int i = 0; i < from.length; i++) {
      sequence[2 * i] = from[i];
      sequence[2 * i + 1] = to[i];
    }
    sequences.accept(sequence);
  }

  private static int[] bytes(int c) {
    if (c <= 0x7F) {
      return new int[] {c};
    }
    if (c <= 0x7FF) {
      return new int[] {0xC0 | (c >> 6), rest(c)};
    }
    if (c <= 0xFFFF) {
      return new int[] {0xE0 | (c >> 12), rest(c >> 6), rest(c)};
    }
    return new int[] {0xF0 | (c >> 18), rest(c >> 12), rest(c >> 6), rest(c)};
  }

  private static int rest(int bits) {
    return 0x80 | (bits & 0x3F);
  }
}
