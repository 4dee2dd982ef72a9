package io.moineau.kernels.dense;

/** Numbers of 16 bits that are the upper halves of floats, rounded as AVX-512 BF16 does. */
final class Bfloat16 {
  private Bfloat16() {}

  /** The bits of the nearest, to even between two. */
  static int bits(float value) {
    int bits = Float.floatToRawIntBits(value);
    int exponent = bits & 0x7F800000;
    if (exponent == 0) {
      return bits >>> 31 << 15; // as the instructions do with what is below the normal numbers
    }
    if (exponent == 0x7F800000 && (bits & 0x7FFFFF) != 0) {
      return bits >>> 16 | 0x40; // stays no number
    }
    return bits + 0x7FFF + (bits >>> 16 & 1) >>> 16;
  }

  /** The nearest, as a float. */
  static float round(float value) {
    return Float.intBitsToFloat(bits(value) << 16);
  }

  /** A word of two, the first in its low half. */
  static float pair(float first, float second) {
    return Float.intBitsToFloat(bits(first) | bits(second) << 16);
  }
}
