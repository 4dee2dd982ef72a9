package io.moineau.engine.speculation;

/**
 * How likely a drafted token is right, judged by those before: a running mean for each class of
 * drafts. A draft is judged whether it was computed or not, since the tokens come either way.
 */
final class Trust {
  private static final double AT_FIRST = 0.6;
  private static final double NEW_SHARE = 0.1;

  private final double[] right;

  Trust(int classes) {
    right = new double[classes];
    java.util.Arrays.fill(right, AT_FIRST);
  }

  /** Notes that a draft's token was compared with what came. */
  void judged(int kind, boolean wasRight) {
    right[kind] += NEW_SHARE * ((wasRight ? 1 : 0) - right[kind]);
  }

  /** Share of tokens that were right where all before them in the draft were. */
  double right(int kind) {
    return right[kind];
  }

  /** How many of {@code n} drafted tokens will be kept on average: p + p^2 + ... + p^n. */
  double kept(int kind, int n) {
    double p = right[kind];
    double all = 0;
    double product = 1;
    for (int i = 0; i < n; i++) {
      product *= p;
      all += product;
    }
    return all;
  }
}
