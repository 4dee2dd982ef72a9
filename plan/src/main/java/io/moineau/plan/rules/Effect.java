package io.moineau.plan.rules;

/** What a rule does where its condition holds. */
public enum Effect {
  /** Puts the item into a paragraph of a control list. */
  CLASSIFY,
  /** Asks for a licence. */
  LICENCE,
  /** Makes an exception from rules that ask for a licence. */
  EXCEPTION,
  /** Says how applications for licences are reviewed. */
  REVIEW,
  /** Needs a person's judgement. */
  MANUAL,
  /** Is worth knowing and decides nothing. */
  ADVICE,
  /** Asks for a duty. */
  DUTY,
  /** Asks for a share of domestic chips. */
  QUOTA;

  /** Whether it can change a verdict. */
  boolean decides() {
    return this == CLASSIFY || this == LICENCE || this == MANUAL || this == QUOTA;
  }
}
