package io.moineau.plan.capacity;

/**
 * The measures of layers with experts, by the names of Hugging Face's {@code config.json}.
 *
 * @param nRoutedExperts of a layer
 * @param numExpertsPerTok that a token goes through
 * @param nSharedExperts that every token goes through, each as large as a routed one
 * @param moeIntermediateSize of an expert
 * @param firstKDenseReplace layers at the beginning that have none
 */
public record ExpertShape(
    int nRoutedExperts,
    int numExpertsPerTok,
    int nSharedExperts,
    int moeIntermediateSize,
    int firstKDenseReplace) {
  /** Checks that tokens do not choose more experts than there are. */
  public ExpertShape {
    if (numExpertsPerTok < 1 || numExpertsPerTok > nRoutedExperts) {
      throw new IllegalArgumentException(
          "numExpertsPerTok must be 1 to nRoutedExperts: "
              + numExpertsPerTok
              + " of "
              + nRoutedExperts);
    }
  }

  /**
   * How many experts of a layer some tokens choose together, if each is as likely as another: the
   * expected number of distinct ones.
   */
  public double distinct(double tokens) {
    double left = 1 - (double) numExpertsPerTok / nRoutedExperts; // by one token
    return nRoutedExperts * (1 - Math.pow(left, tokens));
  }
}
