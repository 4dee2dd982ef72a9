package io.moineau.engine.sampling;

/**
 * Keeps logits within n standard deviations of the largest (Tang et al., arXiv 2411.07641). Those
 * that are negative infinity already take no part.
 */
final class TopNSigmaSampler implements Sampler {
  private final float n;

  TopNSigmaSampler(double n) {
    this.n = (float) n;
  }

  @Override
  public void apply(Candidates candidates) {
    int size = candidates.size();
    if (size <= 1) {
      return;
    }
    double sum = 0;
    int valid = 0;
    for (int i = 0; i < size; i++) {
      if (candidates.logit(i) != Float.NEGATIVE_INFINITY) {
        sum += candidates.logit(i);
        valid++;
      }
    }
    if (valid == 0) {
      return;
    }
    double mean = sum / valid;
    double squares = 0;
    for (int i = 0; i < size; i++) {
      if (candidates.logit(i) != Float.NEGATIVE_INFINITY) {
        double distance = candidates.logit(i) - mean;
        squares += distance * distance;
      }
    }
    // llama.cpp sets the others to negative infinity; to drop them leaves the same probabilities.
    candidates.keepAtLeast((float) (candidates.maxLogit() - n * Math.sqrt(squares / valid)));
  }
}
