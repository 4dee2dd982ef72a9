package io.moineau.cli;

import io.moineau.ExpertUsageListener;
import java.util.Arrays;

/** How often each expert of each layer was chosen, and with how much weight in all. */
final class ExpertCounts implements ExpertUsageListener {
  private final int perToken;
  private final int numExperts;
  private final long[][] counts; // [numLayers][numExperts]
  private final double[][] weights; // [numLayers][numExperts]
  private final boolean[] seen;

  ExpertCounts(int numLayers, int numExperts, int numExpertsPerTok) {
    this.perToken = numExpertsPerTok;
    this.numExperts = numExperts;
    this.counts = new long[numLayers][numExperts];
    this.weights = new double[numLayers][numExperts];
    this.seen = new boolean[numLayers];
  }

  @Override
  public synchronized void routed(int layer, int numTokens, int[] experts, float[] chosenWeights) {
    if (layer < 0 || layer >= counts.length || numTokens == 0) {
      return;
    }
    seen[layer] = true;
    // The arrays are reused and may be longer than this batch.
    for (int i = 0; i < numTokens * perToken; i++) {
      int expert = experts[i];
      if (expert >= 0 && expert < numExperts) {
        counts[layer][expert]++;
        weights[layer][expert] += chosenWeights[i];
      }
    }
  }

  /** Forgets everything. */
  synchronized void clear() {
    Arrays.fill(seen, false);
    for (int i = 0; i < counts.length; i++) {
      Arrays.fill(counts[i], 0);
      Arrays.fill(weights[i], 0);
    }
  }

  int numExperts() {
    return numExperts;
  }

  int numLayers() {
    return counts.length;
  }

  /** Whether the layer has experts and was run. */
  synchronized boolean seen(int layer) {
    return seen[layer];
  }

  synchronized boolean isEmpty() {
    for (boolean layer : seen) {
      if (layer) {
        return false;
      }
    }
    return true;
  }

  synchronized long[] counts(int layer) {
    return counts[layer].clone();
  }

  synchronized double[] weights(int layer) {
    return weights[layer].clone();
  }

  synchronized long total(int layer) {
    return Arrays.stream(counts[layer]).sum();
  }

  /** Experts of a layer that were never chosen. */
  synchronized int unused(int layer) {
    return (int) Arrays.stream(counts[layer]).filter(c -> c == 0).count();
  }

  /**
   * How many experts the layer works with in effect: exp of the entropy of the choices. Equal to
   * the number of experts if all are chosen equally often.
   */
  synchronized double effective(int layer) {
    double total = total(layer);
    double entropy = 0;
    for (long count : counts[layer]) {
      if (count > 0) {
        entropy -= count / total * Math.log(count / total);
      }
    }
    return total == 0 ? 0 : Math.exp(entropy);
  }

  /** Experts of a layer, the most chosen first. */
  synchronized int[] ranked(int layer) {
    Integer[] order = new Integer[numExperts];
    Arrays.setAll(order, i -> i);
    long[] of = counts[layer];
    Arrays.sort(order, (a, b) -> Long.compare(of[b], of[a]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }

  /** A table: per layer what was chosen most. */
  TextTable table(int top) {
    TextTable table = new TextTable(">layer", ">effective", ">unused", "chosen most (share)");
    for (int layer = 0; layer < counts.length; layer++) {
      if (!seen(layer)) {
        continue;
      }
      double total = total(layer);
      StringBuilder most = new StringBuilder();
      int[] ranked = ranked(layer);
      long[] of = counts(layer);
      for (int i = 0; i < Math.min(top, ranked.length) && of[ranked[i]] > 0; i++) {
        most.append(i == 0 ? "" : "  ")
            .append(ranked[i])
            .append(" (")
            .append(Figures.decimal(100 * of[ranked[i]] / total, 1))
            .append(" %)");
      }
      table.row(layer, Figures.decimal(effective(layer), 1), unused(layer), most);
    }
    return table;
  }
}
