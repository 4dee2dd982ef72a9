package io.moineau.plan.rules;

/** What a rule is on a day. */
public enum Status {
  /** Before its first day. */
  NOT_YET,
  /** Published, to be complied with from a later day. */
  PUBLISHED,
  IN_FORCE,
  /** On the books, but its authority has said that it does not enforce it. */
  NOT_ENFORCED,
  SUSPENDED,
  WITHDRAWN,
  /** Replaced, or over. */
  ENDED,
  /** A letter to one firm, which binds that firm only. */
  LETTER,
  /** What an authority says of rules that are in force. */
  GUIDANCE,
  /** Known from the press only. */
  PRESS_REPORT,
  /** A bill or a draft. */
  NOT_ENACTED,
  /** After the day to which the rule was last verified. */
  UNKNOWN;

  /** Whether a rule counts on such a day. */
  public boolean counts() {
    return this == IN_FORCE || this == LETTER || this == GUIDANCE || this == PRESS_REPORT;
  }

  /** Whether nothing can come after it. */
  boolean isFinal() {
    return this == ENDED || this == WITHDRAWN;
  }

  /** In words: {@code on the books but not enforced}. */
  public String words() {
    return switch (this) {
      case NOT_YET -> "not yet";
      case PUBLISHED -> "published, not yet binding";
      case IN_FORCE -> "in force";
      case NOT_ENFORCED -> "on the books but not enforced";
      case SUSPENDED -> "suspended";
      case WITHDRAWN -> "withdrawn";
      case ENDED -> "ended";
      case LETTER -> "letter to one firm";
      case GUIDANCE -> "guidance";
      case PRESS_REPORT -> "press report";
      case NOT_ENACTED -> "not enacted";
      case UNKNOWN -> "unknown";
    };
  }
}
