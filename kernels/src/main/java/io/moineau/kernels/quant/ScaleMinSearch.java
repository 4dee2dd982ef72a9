package io.moineau.kernels.quant;

/**
 * Finds scale and minimum of a group of weights, {@code w = scale * code - min}, by trying several
 * steps and fitting each by weighted least squares: the search of llama.cpp's K types ({@code
 * make_qkx2_quants}).
 *
 * <p>Codes follow from a step by rounding; with codes fixed, the best scale and minimum are those
 * of a line. The minimum is never above zero. The best of all tries is kept, and its minimum is
 * where the codes of the next one start.
 *
 * @param maxCode codes are 0 to this
 * @param first the first step tried divides the range into {@code maxCode + first} parts
 * @param increment further parts from try to try
 * @param tries how often it is incremented
 * @param absolute whether the error is the sum of magnitudes, not of squares
 */
record ScaleMinSearch(int maxCode, float first, float increment, int tries, boolean absolute) {
  /**
   * Fits the group {@code x[at]} to {@code x[at + weights.length - 1]}.
   *
   * @param weights how much each error counts
   * @param codes receives the codes, from {@code at - base} on
   * @param minima receives the minimum, not negative, at {@code group}
   * @return the scale
   */
  float fit(float[] x, int at, int base, float[] weights, int[] codes, float[] minima, int group) {
    float min = x[at];
    float max = x[at];
    float sumW = 0;
    float sumX = 0;
    for (int i = 0; i < weights.length; i++) {
      min = Math.min(min, x[at + i]);
      max = Math.max(max, x[at + i]);
      sumW += weights[i];
      sumX += weights[i] * x[at + i];
    }
    min = Math.min(min, 0);
    int[] trial = new int[weights.length];
    float scale = 0;
    float range = max - min;
    if (range > 0 && !Float.isInfinite(maxCode / range)) {
      scale = 1 / (maxCode / range);
      round(x, at, maxCode / range, min, trial);
      float least = error(x, at, weights, trial, scale, min);
      System.arraycopy(trial, 0, codes, at - base, trial.length);
      for (int t = 0; t <= tries; t++) {
        round(x, at, (first + increment * t + maxCode) / (max - min), min, trial);
        float sumL = 0;
        float sumL2 = 0;
        float sumXl = 0;
        for (int i = 0; i < trial.length; i++) {
          float wl = weights[i] * trial[i];
          sumL += wl;
          sumL2 += wl * trial[i];
          sumXl += wl * x[at + i];
        }
        float determinant = sumW * sumL2 - sumL * sumL;
        if (determinant > 0) {
          float newScale = (sumW * sumXl - sumX * sumL) / determinant;
          float newMin = (sumL2 * sumX - sumL * sumXl) / determinant;
          if (newMin > 0) {
            newMin = 0;
            newScale = sumXl / sumL2;
          }
          float error = error(x, at, weights, trial, newScale, newMin);
          if (error < least) {
            least = error;
            scale = newScale;
            min = newMin;
            System.arraycopy(trial, 0, codes, at - base, trial.length);
          }
        }
      }
    }
    minima[group] = -min;
    return scale;
  }

  private void round(float[] x, int at, float inverse, float min, int[] codes) {
    for (int i = 0; i < codes.length; i++) {
      codes[i] = Rounding.nearest(inverse * (x[at + i] - min), 0, maxCode);
    }
  }

  private float error(float[] x, int at, float[] weights, int[] codes, float scale, float min) {
    float sum = 0;
    for (int i = 0; i < codes.length; i++) {
      float difference = scale * codes[i] + min - x[at + i];
      sum += weights[i] * (absolute ? Math.abs(difference) : difference * difference);
    }
    return sum;
  }
}
