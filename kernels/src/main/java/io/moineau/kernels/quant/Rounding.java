package io.moineau.kernels.quant;

/** The roundings and inverses of the encoders. */
final class Rounding {
  private Rounding() {}

  /** The nearest whole number, ties to even. */
  static int nearest(float x) {
    return (int) Math.rint(x);
  }

  /** The nearest whole number from {@code least} to {@code most}, ties to even. */
  static int nearest(float x, int least, int most) {
    return Math.clamp(nearest(x), least, most);
  }

  /** The nearest whole number, ties away from zero. */
  static int away(float x) {
    return (int) (x + Math.copySign(0.5, x));
  }

  /** {@code 1 / x}, or 0 where that is not finite. */
  static float inverse(float x) {
    float inverse = 1 / x;
    return Float.isInfinite(inverse) ? 0 : inverse;
  }

  /** The largest magnitude of {@code count} floats. */
  static float largest(float[] x, int from, int count) {
    return Math.abs(extreme(x, from, count));
  }

  /** The float of largest magnitude, with its sign; the first of several. */
  static float extreme(float[] x, int from, int count) {
    float largest = 0;
    float extreme = 0;
    for (int i = from; i < from + count; i++) {
      float magnitude = Math.abs(x[i]);
      if (magnitude > largest) {
        largest = magnitude;
        extreme = x[i];
      }
    }
    return extreme;
  }
}
