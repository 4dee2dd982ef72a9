package io.moineau.text;

/**
 * A part of a text, in UTF-16 units.
 *
 * @param start the first unit
 * @param end one past the last unit
 */
public record Span(int start, int end) {
  /** Refuses a span that ends before it starts or starts before 0. */
  public Span {
    if (start < 0 || end < start) {
      throw new TextException(
          "text-bad-span",
          "a span out of order",
          "start=" + start + " end=" + end,
          "0 <= start <= end",
          "");
    }
  }
}
