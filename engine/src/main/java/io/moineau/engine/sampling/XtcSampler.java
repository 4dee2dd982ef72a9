package io.moineau.engine.sampling;

/**
 * Exclude top choices: with some probability, drops every token above a threshold but the least
 * likely of them (p-e-w, text-generation-webui pull request 6335).
 */
final class XtcSampler implements Sampler {
  private final float probability;
  private final float threshold;
  private final int minKeep;
  private final SeededRandom random;

  XtcSampler(double probability, double threshold, int minKeep, SeededRandom random) {
    this.probability = (float) probability;
    this.threshold = (float) threshold;
    this.minKeep = minKeep;
    this.random = random;
  }

  @Override
  public void apply(Candidates candidates) {
    if (candidates.size() < 2 || random.nextDouble() > probability) {
      return;
    }
    candidates.sort();
    candidates.softmax();
    int last = 0;
    while (last + 1 < candidates.size() && candidates.prob(last + 1) >= threshold) {
      last++;
    }
    if (last > 0 && candidates.prob(0) >= threshold && candidates.size() - last >= minKeep) {
      candidates.dropFirst(last);
    }
  }
}
