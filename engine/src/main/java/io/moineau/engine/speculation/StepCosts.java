package io.moineau.engine.speculation;

/**
 * How long a step takes for each number of tokens, as measured lately: a running mean for each.
 *
 * <p>What was never measured is guessed from its neighbours, beyond the largest a little too cheap,
 * so that it is tried once and then known.
 */
public final class StepCosts {
  /** Steps with more tokens are not told apart: no draft is made beside so many. */
  public static final int MOST_TOKENS = 64;

  private static final double NEW_SHARE = 0.2;

  /** A step much longer than its mean was held up by something else; it counts as so many. */
  private static final double LARGEST_OUTLIER = 3;

  private static final double GUESSED_PER_TOKEN = 0.04;

  private final double[] nanos = new double[MOST_TOKENS + 1]; // 0: not measured

  /** Notes a step in which sequences only decoded. */
  public void measured(int tokens, long took) {
    if (tokens < 1 || tokens > MOST_TOKENS || took <= 0) {
      return;
    }
    double mean = nanos[tokens];
    nanos[tokens] =
        mean == 0
            ? took
            : mean + NEW_SHARE * (Math.min((double) took, LARGEST_OUTLIER * mean) - mean);
  }

  /** Whether a step of so many tokens was measured. */
  boolean knows(int tokens) {
    return tokens > MOST_TOKENS || nanos[tokens] > 0;
  }

  /** Nanoseconds that a step of so many tokens is expected to take; 0 if none was ever measured. */
  public double expected(int tokens) {
    if (tokens > MOST_TOKENS) {
      return Double.POSITIVE_INFINITY;
    }
    if (nanos[tokens] > 0) {
      return nanos[tokens];
    }
    int below = tokens - 1;
    while (below > 0 && nanos[below] == 0) {
      below--;
    }
    int above = tokens + 1;
    while (above <= MOST_TOKENS && nanos[above] == 0) {
      above++;
    }
    if (below == 0) {
      return above <= MOST_TOKENS ? nanos[above] : 0;
    }
    if (above <= MOST_TOKENS) {
      double share = (double) (tokens - below) / (above - below);
      return nanos[below] + share * (nanos[above] - nanos[below]);
    }
    // Not far beyond what is known, so that a costly step is met at a small size first.
    return tokens > 2 * below + 1
        ? Double.POSITIVE_INFINITY
        : nanos[below] + (tokens - below) * slope(below);
  }

  /** Nanoseconds per token beyond the largest size that was measured. */
  private double slope(int last) {
    int before = last - 1;
    while (before > 0 && nanos[before] == 0) {
      before--;
    }
    double guess = GUESSED_PER_TOKEN * nanos[last];
    return before == 0
        ? guess
        : Math.max(guess / last, (nanos[last] - nanos[before]) / (last - before));
  }
}
