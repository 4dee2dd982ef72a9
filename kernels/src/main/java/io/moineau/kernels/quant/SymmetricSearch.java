package io.moineau.kernels.quant;

/**
 * Finds the scale of a group of weights, {@code w = scale * (code - half)} with codes 0 to {@code 2
 * * half - 1}, so that errors, weighted by the squares of the weights, are least (llama.cpp's
 * {@code make_qx_quants} and {@code make_q3_quants}).
 */
final class SymmetricSearch {
  /** Groups below this are zero. */
  static final float TINY = 1e-15f;

  // Beyond this the sums of cubes may overflow; no scale that 16 bits hold reaches so far.
  private static final float HUGE = 1e9f;

  private SymmetricSearch() {}

  /** The weight of largest magnitude of a group, if sums over the group can be trusted. */
  static float extreme(float[] x, int at, int count) {
    float extreme = Rounding.extreme(x, at, count);
    if (Math.abs(extreme) > HUGE) {
      throw Bounds.overflow(extreme);
    }
    return extreme;
  }

  /**
   * Tries 19 steps around the one that gives the extreme weight the lowest code, and for each the
   * scale of least squares.
   *
   * @param codes receives the codes, from {@code at - base} on
   * @return the scale, 0 for a group of zeros
   */
  static float bySteps(float[] x, int at, int base, int count, int half, int[] codes) {
    float extreme = extreme(x, at, count);
    if (Math.abs(extreme) < TINY) {
      java.util.Arrays.fill(codes, at - base, at - base + count, 0);
      return 0;
    }
    float best = 0;
    float scale = 0;
    for (int attempt = 0; attempt < 19; attempt++) {
      // The plain step first, then 0.9 parts less to 0.9 more.
      int shift = attempt == 0 ? 0 : attempt < 10 ? attempt - 10 : attempt - 9;
      float inverse = attempt == 0 ? -half / extreme : -(half + 0.1f * shift) / extreme;
      float sumLx = 0;
      float sumL2 = 0;
      for (int i = at; i < at + count; i++) {
        int l = Rounding.nearest(inverse * x[i], -half, half - 1);
        float w = x[i] * x[i];
        sumLx += w * x[i] * l;
        sumL2 += w * l * l;
      }
      boolean better = attempt == 0 || (sumL2 > 0 && sumLx * sumLx > best * sumL2);
      if (better) {
        for (int i = at; i < at + count; i++) {
          codes[i - base] = half + Rounding.nearest(inverse * x[i], -half, half - 1);
        }
        scale = sumL2 == 0 ? 0 : sumLx / sumL2;
        best = scale * sumLx;
      }
    }
    return scale;
  }

  /**
   * Starts from the step that gives the extreme weight the lowest code, then moves one code after
   * the other, given all others, as long as that helps; at most five rounds.
   *
   * @param codes receives the codes, from {@code at - base} on
   * @return the scale, 0 for a group of zeros
   */
  static float byDescent(float[] x, int at, int base, int count, int half, int[] codes) {
    int to = at - base;
    float extreme = extreme(x, at, count);
    if (Math.abs(extreme) < TINY) {
      java.util.Arrays.fill(codes, to, to + count, 0);
      return 0;
    }
    float inverse = -half / extreme;
    float sumLx = 0;
    float sumL2 = 0;
    for (int i = 0; i < count; i++) {
      int l = Rounding.nearest(inverse * x[at + i], -half, half - 1);
      codes[to + i] = l;
      float w = x[at + i] * x[at + i];
      sumLx += w * x[at + i] * l;
      sumL2 += w * l * l;
    }
    boolean moved = true;
    for (int round = 0; round < 5 && moved; round++) {
      moved = false;
      for (int i = 0; i < count; i++) {
        float value = x[at + i];
        float w = value * value;
        int old = codes[to + i];
        float restLx = sumLx - w * value * old;
        float restL2 = sumL2 - w * old * old;
        int l = restLx > 0 ? Rounding.nearest(value * restL2 / restLx, -half, half - 1) : old;
        if (l != old) {
          restLx += w * value * l;
          restL2 += w * l * l;
          if (restL2 > 0 && restLx * restLx * sumL2 > sumLx * sumLx * restL2) {
            codes[to + i] = l;
            sumLx = restLx;
            sumL2 = restL2;
            moved = true;
          }
        }
      }
    }
    for (int i = to; i < to + count; i++) {
      codes[i] += half;
    }
    return sumL2 > 0 ? sumLx / sumL2 : 0;
  }
}
