package io.moineau.text.jinja;

import java.util.Arrays;

/**
 * A Python string that knows which parts of it came from users.
 *
 * <p>Positions of Python count code points, those inside this class UTF-16 units. The marks are
 * pairs of start and end in order; most strings have none or one pair over all, so they cost
 * nothing per character. Equality and order are those of the characters only.
 */
final class Str implements Comparable<Str> {
  private static final int[] TRUSTED = {};
  static final Str EMPTY = new Str("", TRUSTED, false);

  final String chars;
  final int[] marks; // start, end of untrusted parts
  final boolean markup; // safe in HTML: escape leaves it
  private byte pairs; // 0 not looked yet, 1 none, 2 some surrogate pairs

  Str(String chars, int[] marks, boolean markup) {
    this.chars = chars;
    this.marks = marks;
    this.markup = markup;
  }

  static Str of(String chars) {
    return chars.isEmpty() ? EMPTY : new Str(chars, TRUSTED, false);
  }

  static Str untrusted(String chars) {
    return chars.isEmpty() ? EMPTY : new Str(chars, new int[] {0, chars.length()}, false);
  }

  /** {@code chars} as a whole derived from {@code source}: untrusted if any of that is. */
  static Str derived(String chars, Str source) {
    return source.marks.length == 0 ? of(chars) : untrusted(chars);
  }

  Str withMarkup(boolean safe) {
    return safe == markup ? this : new Str(chars, marks, safe);
  }

  /** {@code chars} in place of these, unit for unit, or derived as a whole if lengths differ. */
  Str mapped(String mapped) {
    return mapped.length() == chars.length()
        ? new Str(mapped, marks, false)
        : derived(mapped, this);
  }

  boolean isEmpty() {
    return chars.isEmpty();
  }

  private boolean hasPairs() {
    if (pairs == 0) {
      byte found = 1;
      for (int i = 0; i < chars.length(); i++) {
        if (Character.isSurrogate(chars.charAt(i))) {
          found = 2;
          break;
        }
      }
      pairs = found;
    }
    return pairs == 2;
  }

  /** Python's {@code len}. */
  int length() {
    return hasPairs() ? chars.codePointCount(0, chars.length()) : chars.length();
  }

  /** The unit at which code point {@code index} begins. */
  int unit(int index) {
    return hasPairs() ? chars.offsetByCodePoints(0, index) : index;
  }

  /** The number of the code point that begins at {@code unit}. */
  int index(int unit) {
    return hasPairs() ? chars.codePointCount(0, unit) : unit;
  }

  /** The units from {@code from} to {@code to}. */
  Str sub(int from, int to) {
    if (from == 0 && to == chars.length()) {
      return this;
    }
    if (from >= to) {
      return EMPTY;
    }
    return new Str(chars.substring(from, to), clip(from, to), markup);
  }

  private int[] clip(int from, int to) {
    if (marks.length == 0) {
      return TRUSTED;
    }
    int[] out = new int[marks.length];
    int n = 0;
    for (int i = 0; i < marks.length; i += 2) {
      int start = Math.max(marks[i], from);
      int end = Math.min(marks[i + 1], to);
      if (start < end) {
        out[n++] = start - from;
        out[n++] = end - from;
      }
    }
    return n == out.length ? out : Arrays.copyOf(out, n);
  }

  /** Whether any unit from {@code from} to {@code to} is untrusted. */
  boolean isUntrusted(int from, int to) {
    for (int i = 0; i < marks.length; i += 2) {
      if (marks[i] < to && marks[i + 1] > from) {
        return true;
      }
    }
    return false;
  }

  Str strip(boolean left, boolean right) {
    int from = 0;
    int to = chars.length();
    while (left && from < to && Chars.isSpace(chars.charAt(from))) {
      from++;
    }
    while (right && to > from && Chars.isSpace(chars.charAt(to - 1))) {
      to--;
    }
    return sub(from, to);
  }

  Str strip(String set, boolean left, boolean right) {
    int from = 0;
    int to = chars.length();
    while (left && from < to && set.indexOf(chars.codePointAt(from)) >= 0) {
      from += Character.charCount(chars.codePointAt(from));
    }
    while (right && to > from && set.indexOf(chars.codePointBefore(to)) >= 0) {
      to -= Character.charCount(chars.codePointBefore(to));
    }
    return sub(from, to);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Str s && s.chars.equals(chars);
  }

  @Override
  public int hashCode() {
    return chars.hashCode();
  }

  /** By code points, as Python; UTF-16 order differs beyond the surrogates. */
  @Override
  public int compareTo(Str other) {
    int n = Math.min(chars.length(), other.chars.length());
    for (int i = 0; i < n; i++) {
      char a = chars.charAt(i);
      char b = other.chars.charAt(i);
      if (a != b) {
        boolean high = Character.isSurrogate(a);
        return high != Character.isSurrogate(b) ? (high ? 1 : -1) : Character.compare(a, b);
      }
    }
    return Integer.compare(chars.length(), other.chars.length());
  }

  @Override
  public String toString() {
    return chars;
  }
}
