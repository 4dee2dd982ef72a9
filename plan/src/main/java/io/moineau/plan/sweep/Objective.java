package io.moineau.plan.sweep;

/** What the best rows of a sweep have most of; all are "more is better". */
public enum Objective {
  /** Output of a chip: what a purchase yields. */
  TOKENS_PER_SECOND_PER_CHIP,
  /** Output of all chips. */
  TOKENS_PER_SECOND,
  /** Output for energy. */
  TOKENS_PER_JOULE,
  /** Output for money. */
  TOKENS_PER_USD;

  /** How much a row has of it; 0 where it is not known. */
  public double of(Row row) {
    return switch (this) {
      case TOKENS_PER_SECOND_PER_CHIP -> row.perChip();
      case TOKENS_PER_SECOND -> row.outcome().outputTokensPerSecond();
      case TOKENS_PER_JOULE -> known(1 / row.outcome().joulesPerToken());
      case TOKENS_PER_USD -> known(1 / row.outcome().usdPerMillionTokens());
    };
  }

  private static double known(double value) {
    return Double.isNaN(value) ? 0 : value;
  }
}
