package io.moineau.kernels.dense;

/** What the factors of a product are rounded to before they are multiplied. Sums are floats. */
public enum Factors {
  /** Nothing is lost. */
  FLOAT32,
  /**
   * 8 bits of precision, the range of floats, to nearest even; numbers below 2^-126 become zero.
   * Twice as fast where the processor has AVX-512 BF16; elsewhere the same rounding is done first.
   */
  BFLOAT16
}
