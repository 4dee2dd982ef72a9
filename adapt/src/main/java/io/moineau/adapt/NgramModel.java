package io.moineau.adapt;

import java.util.Arrays;

/**
 * An n-gram model with interpolated Kneser-Ney smoothing (Kneser and Ney 1995; Chen and Goodman
 * 1998, section 3): what a trained model must beat on the same data.
 *
 * <p>The highest order counts how often a gram is there; lower orders count how many different
 * tokens stand before it. Each count is lessened by its order's discount {@code n1 / (n1 + 2 n2)},
 * and what that leaves goes to the order below; the lowest is uniform. Grams are held as 64-bit
 * hashes: among ten million the chance of a collision is one in a hundred thousand.
 */
final class NgramModel {
  private static final int NONE = -1; // what stands before a document

  private final int order;
  private final int vocabSize;
  private final Counts[] grams; // by length - 1
  private final Counts[] totals; // sum of the counts that follow a context
  private final Counts[] kinds; // how many different tokens follow a context
  private final double[] discounts;

  NgramModel(int order, int vocabSize) {
    this.order = order;
    this.vocabSize = vocabSize;
    grams = counts();
    totals = counts();
    kinds = counts();
    discounts = new double[order];
  }

  private Counts[] counts() {
    Counts[] all = new Counts[order];
    for (int i = 0; i < order; i++) {
      all[i] = new Counts();
    }
    return all;
  }

  /** Learns tokens {@code from} to {@code to - 1}, a document; its first token is only context. */
  void add(int[] tokens, int from, int to) {
    for (int i = from + 1; i < to; i++) {
      boolean isNew = true;
      for (int n = order; n > 0 && isNew; n--) {
        isNew = grams[n - 1].add(hash(tokens, from, i, n)) == 1;
        long context = context(tokens, from, i, n);
        totals[n - 1].add(context);
        if (isNew) {
          kinds[n - 1].add(context);
        }
      }
    }
  }

  /** Computes the discounts; nothing may be added after. */
  void finish() {
    for (int n = 0; n < order; n++) {
      double once = grams[n].having(1);
      double twice = grams[n].having(2);
      discounts[n] = once == 0 ? 0.5 : once / (once + 2 * twice);
    }
  }

  /** The probability of token {@code i} after those before it in its document. */
  double probability(int[] tokens, int from, int i) {
    double p = 1.0 / vocabSize;
    for (int n = 1; n <= order; n++) {
      long context = context(tokens, from, i, n);
      int total = totals[n - 1].get(context);
      if (total == 0) {
        break; // longer contexts were not seen either
      }
      double discount = discounts[n - 1];
      double count = Math.max(0, grams[n - 1].get(hash(tokens, from, i, n)) - discount);
      p = (count + discount * kinds[n - 1].get(context) * p) / total;
    }
    return p;
  }

  /** The last {@code n} tokens up to {@code i}. */
  private static long hash(int[] tokens, int from, int i, int n) {
    return mix(context(tokens, from, i, n), tokens[i]);
  }

  /** The {@code n - 1} tokens before {@code i}. */
  private static long context(int[] tokens, int from, int i, int n) {
    long hash = n;
    for (int j = i - n + 1; j < i; j++) {
      hash = mix(hash, j < from ? NONE : tokens[j]);
    }
    return hash;
  }

  private static long mix(long hash, int token) {
    long z = (hash + token + 2) * 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** Counts by 64-bit key, in two arrays. */
  private static final class Counts {
    private long[] keys = new long[1 << 10];
    private int[] values = new int[1 << 10];
    private int size;

    private int slot(long key) {
      int mask = keys.length - 1;
      int at = (int) (key ^ (key >>> 32)) & mask;
      while (values[at] != 0 && keys[at] != key) {
        at = (at + 1) & mask;
      }
      return at;
    }

    int get(long key) {
      return values[slot(key)];
    }

    int add(long key) {
      int at = slot(key);
      if (values[at] == 0) {
        if (3L * size > 2L * keys.length) {
          grow();
          at = slot(key);
        }
        size++;
        keys[at] = key;
      }
      return ++values[at];
    }

    private void grow() {
      long[] oldKeys = keys;
      int[] oldValues = values;
      keys = new long[2 * oldKeys.length];
      values = new int[2 * oldKeys.length];
      for (int i = 0; i < oldKeys.length; i++) {
        if (oldValues[i] != 0) {
          int at = slot(oldKeys[i]);
          keys[at] = oldKeys[i];
          values[at] = oldValues[i];
        }
      }
    }

    long having(int value) {
      return Arrays.stream(values).filter(v -> v == value).count();
    }
  }
}
