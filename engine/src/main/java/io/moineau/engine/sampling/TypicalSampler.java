package io.moineau.engine.sampling;

/**
 * Locally typical sampling (Meister et al., arXiv 2202.00666): keeps the tokens whose surprise is
 * nearest to the entropy, until their probabilities sum to more than p.
 */
final class TypicalSampler implements Sampler {
  private final float p;
  private final int minKeep;
  private final int[] order;
  private final long[] keys;

  TypicalSampler(double p, int minKeep, int vocabSize) {
    this.p = (float) p;
    this.minKeep = minKeep;
    this.order = new int[vocabSize];
    this.keys = new long[vocabSize];
  }

  @Override
  public void apply(Candidates candidates) {
    candidates.sort();
    candidates.softmax();
    int size = candidates.size();
    double entropy = 0;
    for (int i = 0; i < size; i++) {
      double prob = candidates.prob(i);
      if (prob > 0) {
        entropy -= prob * Math.log(prob);
      }
    }
    // Distances are not negative, so their bits order as they do; the rank breaks ties.
    for (int i = 0; i < size; i++) {
      float distance = (float) Math.abs(-Math.log(candidates.prob(i)) - entropy);
      keys[i] = ((long) Float.floatToRawIntBits(distance) << 32) | i;
    }
    java.util.Arrays.sort(keys, 0, size);
    float sum = 0;
    int n = 0;
    while (n < size) {
      order[n] = (int) keys[n];
      sum += candidates.prob(order[n]);
      n++;
      if (sum > p && n >= minKeep) {
        break;
      }
    }
    candidates.keep(order, n);
  }
}
