package io.moineau.plan.rules;

/** Questions that are answered apart. The first three are about a delivery. */
public enum Aspect {
  /** What the thresholds say of the chip for this destination. */
  NUMBERS("by its numbers"),
  /** What letters to firms say. */
  LETTERS("letters to firms"),
  /** Who gets it and where, headquarters, lists, purpose, transit. */
  PARTY("party and destination"),
  /** Remote use of chips that stay where they are. */
  RENTING("renting (remote use)"),
  /** Going on using what is held already. */
  HOLDING("use of what is held"),
  /** Entry into the United States. */
  ENTRY("entry into the US"),
  /** What the buyer's country asks of him. */
  BUYER("the buyer's country"),
  /** What a site may or must consist of. */
  SITE("the site");

  private final String words;

  Aspect(String words) {
    this.words = words;
  }

  /** In words. */
  public String words() {
    return words;
  }

  /** Whether it is one of the three answers on a delivery. */
  public boolean isDelivery() {
    return compareTo(PARTY) <= 0;
  }
}
