package io.moineau.kernels.quant;

/** The sixteen values of a 4-bit float with 2 bits of exponent and 1 of mantissa (E2M1). */
final class Fp4 {
  // Twice the value, so that all are whole; the bit of the sign on its own is 0, not -0.
  private static final byte[] TWICE = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

  private Fp4() {}

  /** Twice the value of a code of 0 to 15. */
  static int twice(int code) {
    return TWICE[code];
  }

  /** The code whose {@code twice(code) * scale} is nearest to {@code x}; the lowest of several. */
  static int nearest(float x, float scale) {
    int best = 0;
    float least = Math.abs(x);
    int sign = x < 0 ? 8 : 0;
    for (int code = sign + 1; code < sign + 8; code++) {
      float error = Math.abs(TWICE[code] * scale - x);
      if (error < least) {
        least = error;
        best = code;
      }
    }
    return best;
  }
}
