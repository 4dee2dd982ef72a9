package io.moineau.engine.sampling;

/** Keeps the k most likely (Fan et al., arXiv 1805.04833). */
final class TopKSampler implements Sampler {
  private final int k;

  TopKSampler(int k) {
    this.k = k;
  }

  @Override
  public void apply(Candidates candidates) {
    candidates.keepTop(k);
  }
}
