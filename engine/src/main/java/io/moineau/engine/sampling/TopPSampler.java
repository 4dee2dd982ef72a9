package io.moineau.engine.sampling;

/**
 * Nucleus sampling (Holtzman et al., arXiv 1904.09751): keeps the most likely tokens until their
 * probabilities sum to p.
 */
final class TopPSampler implements Sampler {
  private static final int FIRST_LOOK = 256;

  private final float p;
  private final int minKeep;

  TopPSampler(double p, int minKeep) {
    this.p = (float) p;
    this.minKeep = minKeep;
  }

  @Override
  public void apply(Candidates candidates) {
    int size = candidates.size();
    if (candidates.isSorted() || size <= 4 * FIRST_LOOK) {
      candidates.sort();
      candidates.softmax();
      float sum = 0;
      for (int i = 0; i < size; i++) {
        sum += candidates.prob(i);
        if (sum >= p && i + 1 >= minKeep) {
          candidates.truncate(i + 1);
          return;
        }
      }
      return;
    }
    // Among many candidates the nucleus is nearly always small: look at the best few first.
    float max = candidates.maxLogit();
    double all = candidates.sumOfExp(max);
    for (int look = FIRST_LOOK; ; look = Math.min(size, look * 8)) {
      candidates.peekTop(look);
      float sum = 0;
      for (int i = 0; i < look; i++) {
        sum += (float) (Math.exp(candidates.peekedLogit(i) - max) / all);
        if (sum >= p && i + 1 >= minKeep) {
          candidates.adopt(i + 1);
          return;
        }
      }
      if (look == size) {
        candidates.adopt(size);
        return;
      }
    }
  }
}
