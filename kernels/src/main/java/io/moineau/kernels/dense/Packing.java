package io.moineau.kernels.dense;

/** Packing by plain loops, for what whole tiles leave over. */
final class Packing {
  private Packing() {}

  /**
   * Lanes from a step of the depth on: {@code out[p][i] = from[source + i * lane + p * step]}, zero
   * from {@code used} lanes on.
   *
   * @param width lanes of {@code out}
   */
  static void lanes(
      float[] from,
      int source,
      int lane,
      int step,
      int used,
      int width,
      int firstStep,
      int depth,
      float[] out,
      int at) {
    for (int p = firstStep; p < depth; p++) {
      int to = at + p * width;
      int of = source + p * step;
      for (int i = 0; i < width; i++) {
        out[to + i] = i < used ? from[of + i * lane] : 0;
      }
    }
  }

  /** The same as bfloat16: a word has two steps; beyond the depth there are zeros. */
  static void pairs(
      float[] from,
      int source,
      int lane,
      int step,
      int used,
      int width,
      int firstStep,
      int depth,
      float[] out,
      int at) {
    for (int p = firstStep; p < depth; p += 2) {
      int to = at + p / 2 * width;
      int of = source + p * step;
      for (int i = 0; i < width; i++) {
        out[to + i] =
            i >= used
                ? 0
                : Bfloat16.pair(
                    from[of + i * lane], p + 1 < depth ? from[of + step + i * lane] : 0);
      }
    }
  }

  /**
   * Lanes row by row as bfloat16: {@code out[i][w]} has two steps of the depth; beyond the depth
   * and the lanes there are zeros.
   */
  static void rows(
      float[] from,
      int source,
      int lane,
      int step,
      int used,
      int rows,
      int words,
      int depth,
      float[] out,
      int at) {
    java.util.Arrays.fill(out, at, at + rows * words, 0);
    for (int i = 0; i < used; i++) {
      int of = source + i * lane;
      for (int p = 0; p < depth; p += 2) {
        float second = p + 1 < depth ? from[of + (p + 1) * step] : 0;
        out[at + i * words + p / 2] = Bfloat16.pair(from[of + p * step], second);
      }
    }
  }
}
