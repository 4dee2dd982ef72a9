package io.moineau.engine.sampling;

/**
 * Mirostat (Basu et al., arXiv 2007.14966), version 1 and 2: chooses so that the surprise of the
 * tokens stays near tau bits.
 */
final class MirostatSampler implements Sampler {
  /** How many of the best tokens version 1 looks at to estimate the exponent of Zipf's law. */
  private static final int ZIPF_TOKENS = 100;

  private final int version;
  private final int vocabSize;
  private final float tau;
  private final float eta;
  private final SeededRandom random;
  private float mu;

  MirostatSampler(int version, int vocabSize, double tau, double eta, SeededRandom random) {
    this.version = version;
    this.vocabSize = vocabSize;
    this.tau = (float) tau;
    this.eta = (float) eta;
    this.random = random;
    this.mu = (float) (2 * tau);
  }

  @Override
  public void apply(Candidates candidates) {
    candidates.sort();
    candidates.softmax();
    if (version == 1) {
      candidates.keepTop(zipfCut(candidates));
    } else {
      int n = 0;
      while (n < candidates.size() && surprise(candidates.prob(n)) <= mu) {
        n++;
      }
      candidates.truncate(Math.max(1, n));
    }
    candidates.softmax();
    candidates.selectByChance(random);
    mu -= eta * (surprise(candidates.prob(candidates.selected())) - tau);
  }

  /** Current bound on the surprise, in bits. */
  float mu() {
    return mu;
  }

  private static float surprise(float prob) {
    return (float) (-Math.log(prob) / Math.log(2));
  }

  private int zipfCut(Candidates candidates) {
    double sumTb = 0;
    double sumTt = 0;
    for (int i = 0; i < ZIPF_TOKENS - 1 && i + 1 < candidates.size(); i++) {
      if (candidates.prob(i + 1) <= 0) {
        break;
      }
      double t = Math.log((i + 2.0) / (i + 1.0));
      double b = Math.log((double) candidates.prob(i) / candidates.prob(i + 1));
      sumTb += t * b;
      sumTt += t * t;
    }
    double s = sumTb / sumTt;
    double epsilon = s - 1;
    double k = Math.pow(epsilon * Math.pow(2, mu) / (1 - Math.pow(vocabSize, -epsilon)), 1 / s);
    // Flat or degenerate distributions make k no number: then only the best is left.
    return Double.isNaN(k) ? 1 : (int) Math.clamp(k, 1, candidates.size());
  }
}
