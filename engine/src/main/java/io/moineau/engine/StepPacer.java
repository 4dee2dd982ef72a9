package io.moineau.engine;

import java.util.Arrays;

/**
 * Says how many tokens a step may compute while sequences generate, so that chunks of prompts do
 * not keep them waiting: a step takes, by estimate, at most so many times as long as one in which
 * all who are here generate. Sarathi-Serve (arXiv 2403.02310) fixes the number of tokens; here it
 * follows from measured steps, since what a token costs differs by a factor of a thousand between
 * models and machines.
 *
 * <p>The newest times are kept for classes of steps of about the same number of tokens, and their
 * median counts: a step that another program held up does not move it, while a mean would make room
 * for larger chunks just when steps are slow. (A higher quantile for what a chunk costs was tried:
 * on a busy machine it made chunks a third as large for a quarter less time, since most of a small
 * chunk's time goes into reading weights.)
 *
 * <p>A token costs less the more there are of them beside it. So the line through two smaller
 * classes is an upper bound, which fills the gaps between classes. A class that had no step for
 * many chunks counts no more: one that was measured in a bad moment is tried again if that line
 * allows it.
 *
 * <p>What it says changes when tokens are computed, never which.
 */
final class StepPacer {
  /** Fewer tokens of prompts per step would waste the pass over the weights. */
  private static final int LEAST_CHUNK = 8;

  private static final int KEPT = 16; // newest times of a class
  private static final int SURE = 4; // steps of a class, so that one of them does not decide
  private static final int FORGOTTEN = 50; // chunks after which a class that had none is old
  private static final int PER_OCTAVE = 4;

  /** A line's two classes are so far apart at least, and it goes no farther: noise tilts it. */
  private static final double APART = 1.4;

  private final double stretch;
  private final int[] upTo; // [class]: most tokens of its steps
  private final long[][] newest; // [class][KEPT]: nanoseconds, a ring
  private final long[] seen; // [class]: steps
  private final long[] last; // [class]: chunks before its newest step
  private final double[] median; // [class]: of the newest times
  private final long[] sorted = new long[KEPT];
  private long chunks;

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
    newest = new long[count][KEPT];
    seen = new long[count];
    last = new long[count];
    median = new double[count];
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
    if (chunks - last[c] > FORGOTTEN) {
      seen[c] = 0;
    }
    last[c] = chunks;
    newest[c][(int) (seen[c]++ % KEPT)] = stepNanos;
    int n = (int) Math.min(seen[c], KEPT);
    System.arraycopy(newest[c], 0, sorted, 0, n);
    Arrays.sort(sorted, 0, n);
    median[c] = sorted[(n - 1) / 2];
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
    if (generatingSoon > 0) {
      chunks++;
    }
    double allowed = stretch * usual(Math.min(decoding + generatingSoon, most));
    int budget = Math.min(most, decoding + LEAST_CHUNK);
    if (allowed > 0) {
      // Larger steps that are quick show that a smaller one which was not had bad luck.
      double least = Double.POSITIVE_INFINITY;
      for (int i = upTo.length - 1; i >= 0 && upTo[i] > budget; i--) {
        least = Math.min(least, atMost(i));
        if (least <= allowed) {
          return Math.min(most, upTo[i]);
        }
      }
    }
    return budget;
  }

  private boolean isKnown(int c, int leastSteps) {
    return seen[c] >= leastSteps && chunks - last[c] <= FORGOTTEN;
  }

  /** About how long a step of so many tokens takes, in nanoseconds; 0 if none was seen. */
  double usual(int tokens) {
    int c = classOf(tokens);
    // Where chunks never end, steps without any are not seen again, and yet they are the measure.
    return seen[c] > 0 ? median[c] : line(c, tokens);
  }

  /** What a step of a class takes, by itself and, until that is sure, by smaller ones. */
  private double atMost(int c) {
    if (isKnown(c, SURE)) {
      return median[c];
    }
    double line = line(c, upTo[c]);
    return isKnown(c, 1) ? Math.min(median[c], line) : line;
  }

  /** What other classes say of so many tokens; 0 where none was seen. */
  private double line(int c, int tokens) {
    int near = c - 1;
    while (near >= 0 && !isKnown(near, SURE)) {
      near--;
    }
    if (near < 0) {
      near = seen(c - 1, Integer.MAX_VALUE, 1);
    }
    int next = c + 1;
    while (next < upTo.length && !isKnown(next, SURE)) {
      next++;
    }
    if (next == upTo.length) {
      return near < 0 ? 0 : median[near] + more(near, tokens);
    }
    if (near < 0) {
      return median[next];
    }
    double part = (double) (tokens - upTo[near]) / (upTo[next] - upTo[near]);
    double between = median[near] + part * (median[next] - median[near]);
    return Math.min(between, median[near] + more(near, tokens));
  }

  /** What a step takes at most beyond one of a smaller class, by that one and a still smaller. */
  private double more(int near, int tokens) {
    double perToken = median[near] / upTo[near];
    int far = seen(near - 1, (int) (upTo[near] / APART), SURE);
    if (far >= 0 && median[near] > median[far] && tokens <= APART * upTo[near]) {
      double slope = (median[near] - median[far]) / (upTo[near] - upTo[far]);
      perToken = Math.min(perToken, slope);
    }
    return perToken * (tokens - upTo[near]);
  }

  /**
   * The largest class from {@code c} down that had so many steps and has at most so many tokens; -1
   * where there is none.
   */
  private int seen(int c, int mostTokens, int leastSteps) {
    int i = c;
    while (i >= 0 && (seen[i] < leastSteps || upTo[i] > mostTokens)) {
      i--;
    }
    return i;
  }
}
