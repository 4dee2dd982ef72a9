package io.moineau.kernels;

/**
 * The rounding of activations under {@link Precision#DEFAULT}, which every provider shares.
 *
 * <p>Each 32 neighbours are held as integers of -127 to 127 and one float scale d = max|x| / 127: q
 * = x * (127 / max|x|), rounded to the nearest, ties to even. Blocks whose largest magnitude is
 * under 2^-100 become zeros. A NaN or an infinity makes its whole block NaN. (llama.cpp's Q8_0 and
 * Q8_1 keep d as 16-bit float and round ties away from zero; the difference is far under the
 * rounding itself.)
 */
public final class ActivationRounding {
  /** Neighbours that share a scale. */
  public static final int BLOCK = 32;

  /** Below this a block is zero: 127 / max would come near to overflow. */
  public static final float TINY = 0x1p-100f;

  /** Adding and subtracting it rounds a float of less than 2^22 to an integer, ties to even. */
  public static final float ROUNDER = 0x1.8p23f;

  private ActivationRounding() {}

  /** Rounds {@code x[from]} to {@code x[from + count - 1]} in place; to {@code q * d}. */
  public static void round(float[] x, int from, int count) {
    for (int block = from; block < from + count; block += BLOCK) {
      int end = Math.min(block + BLOCK, from + count);
      float max = 0;
      for (int i = block; i < end; i++) {
        max = Math.max(max, Math.abs(x[i]));
      }
      float inverse = max < TINY ? 0 : 127 / max;
      float scale = max < TINY ? 0 : max / 127;
      for (int i = block; i < end; i++) {
        x[i] = (x[i] * inverse + ROUNDER - ROUNDER) * scale;
      }
    }
  }
}
