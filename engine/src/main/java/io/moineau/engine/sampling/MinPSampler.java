package io.moineau.engine.sampling;

/** Keeps tokens at least p times as likely as the most likely (Nguyen et al., arXiv 2407.01082). */
final class MinPSampler implements Sampler {
  private final float logP;
  private final int minKeep;

  MinPSampler(double p, int minKeep) {
    this.logP = (float) Math.log(p);
    this.minKeep = minKeep;
  }

  @Override
  public void apply(Candidates candidates) {
    float least = candidates.maxLogit() + logP;
    if (candidates.countAtLeast(least) >= Math.max(1, minKeep)) {
      candidates.keepAtLeast(least);
    } else {
      candidates.keepTop(Math.max(1, minKeep));
    }
  }
}
