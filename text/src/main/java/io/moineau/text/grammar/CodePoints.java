package io.moineau.text.grammar;

import java.util.Arrays;

/**
 * A set of Unicode code points, as sorted ranges that neither touch nor overlap; immutable.
 * Surrogates are in no set, as no text in UTF-8 holds one.
 */
final class CodePoints {
  static final CodePoints NONE = new CodePoints(new int[0]);
  static final CodePoints ALL = range(0, Character.MAX_CODE_POINT);

  private static final int FIRST_SURROGATE = Character.MIN_SURROGATE;
  private static final int LAST_SURROGATE = Character.MAX_SURROGATE;

  private final int[] bounds; // first, last, first, last ...

  private CodePoints(int[] bounds) {
    this.bounds = bounds;
  }

  static CodePoints of(int codePoint) {
    return range(codePoint, codePoint);
  }

  /** All from {@code first} to {@code last}, both included. */
  static CodePoints range(int first, int last) {
    return new Builder().add(first, last).build();
  }

  /** The characters of a text. */
  static CodePoints ofText(String characters) {
    Builder all = new Builder();
    characters.codePoints().forEach(c -> all.add(c, c));
    return all.build();
  }

  /** Collects ranges in any order. */
  static final class Builder {
    private int[] bounds = new int[8];
    private int n;

    Builder add(int first, int last) {
      if (first < FIRST_SURROGATE && last > LAST_SURROGATE) {
        return add(first, FIRST_SURROGATE - 1).add(LAST_SURROGATE + 1, last);
      }
      int from = first >= FIRST_SURROGATE && first <= LAST_SURROGATE ? LAST_SURROGATE + 1 : first;
      int to = last >= FIRST_SURROGATE && last <= LAST_SURROGATE ? FIRST_SURROGATE - 1 : last;
      if (from > to) {
        return this;
      }
      if (n == bounds.length) {
        bounds = Arrays.copyOf(bounds, 2 * n);
      }
      bounds[n++] = from;
      bounds[n++] = to;
      return this;
    }

    Builder add(CodePoints set) {
      for (int i = 0; i < set.bounds.length; i += 2) {
        add(set.bounds[i], set.bounds[i + 1]);
      }
      return this;
    }

    CodePoints build() {
      long[] ranges = new long[n / 2];
      for (int i = 0; i < ranges.length; i++) {
        ranges[i] = ((long) bounds[2 * i] << 32) | bounds[2 * i + 1];
      }
      Arrays.sort(ranges);
      int[] merged = new int[n];
      int size = 0;
      for (long range : ranges) {
        int first = (int) (range >>> 32);
        int last = (int) range;
        if (size > 0 && first <= merged[size - 1] + 1) {
          merged[size - 1] = Math.max(merged[size - 1], last);
        } else {
          merged[size++] = first;
          merged[size++] = last;
        }
      }
      return new CodePoints(Arrays.copyOf(merged, size));
    }
  }

  int numRanges() {
    return bounds.length / 2;
  }

  int first(int range) {
    return bounds[2 * range];
  }

  int last(int range) {
    return bounds[2 * range + 1];
  }

  boolean isEmpty() {
    return bounds.length == 0;
  }

  boolean contains(int codePoint) {
    for (int i = 0; i < bounds.length && bounds[i] <= codePoint; i += 2) {
      if (codePoint <= bounds[i + 1]) {
        return true;
      }
    }
    return false;
  }

  CodePoints negate() {
    Builder out = new Builder();
    int from = 0;
    for (int i = 0; i < bounds.length; i += 2) {
      out.add(from, bounds[i] - 1);
      from = bounds[i + 1] + 1;
    }
    return out.add(from, Character.MAX_CODE_POINT).build();
  }

  CodePoints union(CodePoints other) {
    return new Builder().add(this).add(other).build();
  }

  CodePoints intersect(CodePoints other) {
    Builder out = new Builder();
    for (int i = 0, j = 0; i < bounds.length && j < other.bounds.length; ) {
      out.add(Math.max(bounds[i], other.bounds[j]), Math.min(bounds[i + 1], other.bounds[j + 1]));
      if (bounds[i + 1] < other.bounds[j + 1]) {
        i += 2;
      } else {
        j += 2;
      }
    }
    return out.build();
  }

  CodePoints minus(CodePoints other) {
    return intersect(other.negate());
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof CodePoints other && Arrays.equals(bounds, other.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  @Override
  public String toString() {
    StringBuilder out = new StringBuilder("[");
    for (int i = 0; i < bounds.length; i += 2) {
      out.append(String.format("U+%04X-U+%04X ", bounds[i], bounds[i + 1]));
    }
    return out.toString().strip() + "]";
  }
}
