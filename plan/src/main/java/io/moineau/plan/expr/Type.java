package io.moineau.plan.expr;

/** Types of expressions. */
public enum Type {
  NUMBER("a number"),
  TEXT("a text"),
  TRUTH("true or false");

  private final String words;

  Type(String words) {
    this.words = words;
  }

  /** For messages: {@code a number}. */
  public String words() {
    return words;
  }
}
