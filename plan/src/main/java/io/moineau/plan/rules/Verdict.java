package io.moineau.plan.rules;

/** What rules come to, the strictest last. */
public enum Verdict {
  NO_LICENCE("no licence by these rules"),
  EXCEPTION_POSSIBLE("licence exception possible"),
  /** A person must look: the rule has no condition that a machine can decide. */
  MANUAL("manual"),
  /** A fact is missing or disputed, or the day is after the last verified one. */
  UNKNOWN("unknown"),
  LICENCE_REQUIRED("licence required"),
  PRESUMPTION_OF_DENIAL("presumption of denial");

  private final String words;

  Verdict(String words) {
    this.words = words;
  }

  /** In words. */
  public String words() {
    return words;
  }

  /** The stricter of both. */
  Verdict stricter(Verdict other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
