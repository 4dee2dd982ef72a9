package io.moineau.text.jinja;

import java.util.Arrays;

/** Builds a {@link Str} and carries the marks of what is appended; counts it against the limits. */
final class StrBuilder {
  private final Render render;
  private final StringBuilder text = new StringBuilder();
  private int[] marks = new int[4];
  private int count;

  StrBuilder(Render render) {
    this.render = render;
  }

  int length() {
    return text.length();
  }

  StrBuilder append(char c) {
    render.chargeText(1, text.length());
    text.append(c);
    return this;
  }

  StrBuilder appendCodePoint(int c) {
    render.chargeText(2, text.length());
    text.appendCodePoint(c);
    return this;
  }

  StrBuilder append(String trusted) {
    render.chargeText(trusted.length(), text.length());
    text.append(trusted);
    return this;
  }

  StrBuilder append(Str s) {
    return append(s, 0, s.chars.length());
  }

  StrBuilder append(Str s, int from, int to) {
    render.chargeText(to - from, text.length());
    int base = text.length() - from;
    for (int i = 0; i < s.marks.length; i += 2) {
      mark(base + Math.max(s.marks[i], from), base + Math.min(s.marks[i + 1], to));
    }
    text.append(s.chars, from, to);
    return this;
  }

  /** Appends {@code piece}, untrusted if asked. */
  StrBuilder append(String piece, boolean untrusted) {
    int start = text.length();
    append(piece);
    if (untrusted) {
      mark(start, text.length());
    }
    return this;
  }

  StrBuilder repeat(char c, int times) {
    if (times > 0) {
      render.chargeText(times, text.length());
      text.repeat(c, times);
    }
    return this;
  }

  private void mark(int start, int end) {
    if (start >= end) {
      return;
    }
    if (count > 0 && marks[count - 1] == start) {
      marks[count - 1] = end;
      return;
    }
    if (count == marks.length) {
      marks = Arrays.copyOf(marks, count * 2);
    }
    marks[count++] = start;
    marks[count++] = end;
  }

  Str build() {
    return text.isEmpty()
        ? Str.EMPTY
        : new Str(
            text.toString(), count == 0 ? Str.EMPTY.marks : Arrays.copyOf(marks, count), false);
  }
}
