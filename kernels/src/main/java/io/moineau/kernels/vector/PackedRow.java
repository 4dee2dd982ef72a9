package io.moineau.kernels.vector;

import io.moineau.kernels.ActivationRounding;
import io.moineau.kernels.KernelProvider;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of activations as the kernels here read them.
 *
 * <p>Plain: floats, padded with zeros to a multiple of 16. Rounded: the rounded values as floats
 * (for prefill), then the codes as 16-bit integers (for decode, where they are multiplied in 16
 * bits: a product of two codes fits), then per 32 columns their scale, then per 16 columns the sum
 * of the rounded values (what a weight type's minimum is multiplied with).
 */
final class PackedRow {
  static final int PLAIN = KernelProvider.PLAIN;
  static final int ROUNDED = 1;

  private PackedRow() {}

  static int padded(int columns) {
    return (columns + 15) & -16;
  }

  static long bytes(int packing, int columns) {
    long floats = 4L * padded(columns);
    return packing == PLAIN
        ? (floats + 63) & -64
        : (floats + 2L * columns + columns / 8 + columns / 4 + 63) & -64;
  }

  static long codes(long row, int columns) {
    return row + 4L * columns;
  }

  static long scales(long row, int columns) {
    return row + 6L * columns;
  }

  static long sums(long row, int columns) {
    return row + 6L * columns + columns / 8;
  }

  static void packPlain(long source, int columns, long row) {
    int lanes = Lanes.F.length();
    int whole = columns / lanes * lanes;
    for (int c = 0; c < whole; c += lanes) {
      Lanes.put(row + 4L * c, Lanes.floats(source + 4L * c));
    }
    for (int c = whole; c < columns; c++) {
      Lanes.put(row + 4L * c, Lanes.get(source + 4L * c));
    }
    for (int c = columns; c < padded(columns); c++) {
      Lanes.put(row + 4L * c, 0);
    }
  }

  /** Rounds as {@link ActivationRounding} defines; {@code columns} is a multiple of 32. */
  static void packRounded(long source, int columns, long row) {
    long codes = codes(row, columns);
    long scales = scales(row, columns);
    long sums = sums(row, columns);
    for (int c = 0; c < columns; c += 32) {
      float max = largest(source + 4L * c);
      float inverse = max < ActivationRounding.TINY ? 0 : 127 / max;
      float scale = max < ActivationRounding.TINY ? 0 : max / 127;
      Lanes.put(scales + c / 8, scale);
      Lanes.put(sums + c / 4, round16(source + 4L * c, inverse, scale, row, codes, c));
      Lanes.put(
          sums + c / 4 + 4, round16(source + 4L * c + 64, inverse, scale, row, codes, c + 16));
    }
  }

  private static float largest(long source) {
    FloatVector max = Lanes.floats(source).abs();
    for (int i = Lanes.F.length(); i < 32; i += Lanes.F.length()) {
      max = max.max(Lanes.floats(source + 4L * i).abs());
    }
    return max.reduceLanes(VectorOperators.MAX);
  }

  private static float round16(
      long source, float inverse, float scale, long row, long codes, int c) {
    float sum = 0;
    for (int i = 0; i < 16; i += Lanes.F.length()) {
      FloatVector code =
          Lanes.floats(source + 4L * i)
              .mul(inverse)
              .add(ActivationRounding.ROUNDER)
              .sub(ActivationRounding.ROUNDER);
      Lanes.put(row + 4L * (c + i), code.mul(scale));
      Lanes.putCodes(codes + 2L * (c + i), code);
      sum += code.reduceLanes(VectorOperators.ADD);
    }
    return sum * scale;
  }
}
