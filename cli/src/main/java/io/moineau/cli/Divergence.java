package io.moineau.cli;

import java.util.Arrays;

/**
 * How far one distribution over tokens is from another, position by position: the figures that
 * {@code llama-perplexity --kl-divergence} prints.
 */
final class Divergence {
  private double[] values = new double[1024];
  private int count;
  private double sum;
  private double squares;
  private long sameTop;
  private double probabilitySquares;

  /**
   * Adds a position.
   *
   * @param reference logits of the distribution that is taken as right
   * @param logits those of the other
   * @param token the token that follows in the text
   */
  void add(float[] reference, float[] logits, int token) {
    double p0 = logOfSum(reference);
    double q0 = logOfSum(logits);
    double divergence = 0;
    int topOfReference = 0;
    int top = 0;
    for (int i = 0; i < reference.length; i++) {
      double logP = reference[i] - p0;
      divergence += Math.exp(logP) * (logP - (logits[i] - q0));
      topOfReference = reference[i] > reference[topOfReference] ? i : topOfReference;
      top = logits[i] > logits[top] ? i : top;
    }
    divergence = Math.max(0, divergence); // rounding may bring it below
    if (count == values.length) {
      values = Arrays.copyOf(values, 2 * count);
    }
    values[count++] = divergence;
    sum += divergence;
    squares += divergence * divergence;
    sameTop += top == topOfReference ? 1 : 0;
    double difference = Math.exp(logits[token] - q0) - Math.exp(reference[token] - p0);
    probabilitySquares += difference * difference;
  }

  /** The natural logarithm of the sum of the exponentials. */
  static double logOfSum(float[] logits) {
    float max = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      max = Math.max(max, logit);
    }
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    return Math.log(sum) + max;
  }

  /** Mean Kullback-Leibler divergence from the reference, in nats. */
  double mean() {
    return sum / count;
  }

  /** Its standard error. */
  double error() {
    double variance = squares / count - mean() * mean();
    return count < 2 || variance <= 0 ? 0 : Math.sqrt(variance / (count - 1));
  }

  /** The divergence that a share of positions does not exceed; 1: the largest. */
  double quantile(double share) {
    double[] sorted = Arrays.copyOf(values, count);
    Arrays.sort(sorted);
    return sorted[(int) Math.clamp(Math.ceil(share * count) - 1, 0, count - 1)];
  }

  /** Share of positions where both find the same token most probable. */
  double sameTop() {
    return (double) sameTop / count;
  }

  /** Root of the mean square of the difference between the probabilities of the text's token. */
  double probabilityError() {
    return Math.sqrt(probabilitySquares / count);
  }
}
