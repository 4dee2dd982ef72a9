package io.moineau.plan.expr;

/** Yes, no, or not known: the strong logic of Kleene. */
public enum Truth implements Value {
  NO,
  UNKNOWN,
  YES;

  /** A boolean as a truth. */
  public static Truth of(boolean value) {
    return value ? YES : NO;
  }

  /** Both: no as soon as one is no. */
  public Truth and(Truth other) {
    return compareTo(other) < 0 ? this : other;
  }

  /** One of both: yes as soon as one is yes. */
  public Truth or(Truth other) {
    return compareTo(other) > 0 ? this : other;
  }

  /** The other one; what is not known stays so. */
  public Truth not() {
    return this == YES ? NO : this == NO ? YES : UNKNOWN;
  }

  @Override
  public Type type() {
    return Type.TRUTH;
  }

  @Override
  public String text() {
    return this == YES ? "true" : this == NO ? "false" : "unknown";
  }
}
