package io.moineau.engine;

import java.util.Arrays;

/**
 * Says how many tokens a step may compute while sequences generate, so that chunks of prompts do
 * not keep them waiting: a step takes, by estimate, at most so many times as long as one in which
 * all who are here generate. Sarathi-Serve (arXiv 2403.02310) fixes the number of tokens; here it
 * follows from measured steps, since what a token costs differs by a factor of a thousand between
 * models and machines.
 *
 * <p>Times are kept for classes of steps of about the same number of tokens, as moving means. More
 * tokens never cost less and never cost more per token than fewer, which fills the gaps between
 * classes, and corrects a class that was measured once in a bad moment.
 *
 * <p>What it says changes when tokens are computed, never which.
 */
final class StepPacer {
  /** Fewer tokens of prompts per step would waste the pass over the weights. */
  private static final int LEAST_CHUNK = 8;

  private static final double NEW_SHARE = 0.25; // of the newest step in the mean
  private static final double MOST_GROWTH =
      2; // of a step's time over the mean, as far as it counts
  private static final int PER_OCTAVE = 4;

  private final double stretch;
  private final double[] nanos; // [class]: mean time of a step; 0 where none was seen
  private final int[] upTo; // [class]: most tokens of its steps

  /**
   * Knows nothing yet.
   *
   * @param maxTokens most tokens of a step
   * @param stretch how many times as long a step may take; 0 for no bound
   */
  StepPacer(int maxTokens, double stretch) {
    this.stretch = stretch;
    int[] edges = new int[32 * PER_OCTAVE];
    int count = 0;
    for (double edge = 1; count == 0 || edges[count - 1] < maxTokens; ) {
      edges[count++] = (int) Math.min(edge, maxTokens);
      edge = Math.max(Math.floor(edge) + 1, edge * Math.pow(2, 1.0 / PER_OCTAVE));
    }
    upTo = Arrays.copyOf(edges, count);
    nanos = new double[count];
  }

  private int classOf(int tokens) {
    int i = 0;
    while (i < upTo.length - 1 && upTo[i] < tokens) {
      i++;
    }
    return i;
  }

  /** Notes how long a step of so many tokens took. */
  void record(int tokens, long stepNanos) {
    int c = classOf(tokens);
    if (nanos[c] == 0) {
      nanos[c] = stepNanos;
    } else {
      // One step that another program held up must not make room for large chunks.
      nanos[c] += NEW_SHARE * (Math.min((double) stepNanos, MOST_GROWTH * nanos[c]) - nanos[c]);
    }
  }

  /**
   * Tokens that a step may have.
   *
   * @param decoding those of it that are generated
   * @param generatingSoon sequences that will generate once their prompts are computed
   * @param most tokens of any step
   */
  int budget(int decoding, int generatingSoon, int most) {
    if (stretch == 0 || decoding == 0) {
      return most;
    }
    double allowed = stretch * estimate(Math.min(decoding + generatingSoon, most));
    int budget = Math.min(most, decoding + LEAST_CHUNK);
    for (int i = classOf(budget); i < upTo.length && estimate(upTo[i]) <= allowed; i++) {
      budget = Math.max(budget, Math.min(most, upTo[i]));
    }
    return budget;
  }

  /** About how long a step of so many tokens takes; 0 if no step was seen. */
  double estimate(int tokens) {
    int c = classOf(tokens);
    double perToken = Double.POSITIVE_INFINITY;
    for (int i = 0; i <= c; i++) {
      if (nanos[i] > 0) {
        perToken = Math.min(perToken, nanos[i] / upTo[i]);
      }
    }
    if (perToken < Double.POSITIVE_INFINITY) {
      double atMost = perToken * tokens;
      return nanos[c] > 0 ? Math.min(nanos[c], atMost) : atMost;
    }
    for (int i = c + 1; i < nanos.length; i++) {
      if (nanos[i] > 0) {
        return nanos[i];
      }
    }
    return 0;
  }
}
