package io.moineau.text;

/**
 * A text that a regular expression may look at only so often: those of tokenizer files come from
 * outside, and a backtracking matcher can be made to run for years.
 */
final class BoundedText implements CharSequence {
  /** No published expression looks at a character more often, on average. */
  private static final long LOOKS_PER_CHAR = 2000;

  private final String text;
  private long looksLeft;

  BoundedText(String text) {
    this.text = text;
    this.looksLeft = 1_000_000 + LOOKS_PER_CHAR * text.length();
  }

  @Override
  public char charAt(int index) {
    if (--looksLeft < 0) {
      throw new TextException(
          "tokenizer-regex-too-slow",
          "a tokenizer's regular expression takes too many steps",
          "on a text of " + text.length() + " characters",
          LOOKS_PER_CHAR + " steps a character",
          "use the tokenizer that was published with the model");
    }
    return text.charAt(index);
  }

  @Override
  public int length() {
    return text.length();
  }

  @Override
  public CharSequence subSequence(int start, int end) {
    return text.substring(start, end);
  }

  @Override
  public String toString() {
    return text;
  }
}
