package io.moineau.kernels.quant;

import java.lang.foreign.MemorySegment;

/**
 * Eight scales and eight minima of 6 bits each in 12 bytes, as Q4_K and Q5_K pack them.
 *
 * <p>The first four scales are the low 6 bits of bytes 0 to 3, the first four minima those of bytes
 * 4 to 7. Bytes 8 to 11 hold the low nibbles of the other scales and, above, of the other minima;
 * their upper two bits stand above the first four scales and minima.
 */
final class SixBitPairs {
  private SixBitPairs() {}

  /** Scale {@code group}, 0 to 63, of the 12 bytes at {@code at}. */
  static int scale(MemorySegment source, long at, int group) {
    return group < 4
        ? LittleEndian.u8(source, at + group) & 63
        : LittleEndian.u8(source, at + group + 4) & 15
            | LittleEndian.u8(source, at + group - 4) >> 6 << 4;
  }

  /** Minimum {@code group}, 0 to 63, of the 12 bytes at {@code at}. */
  static int min(MemorySegment source, long at, int group) {
    return group < 4
        ? LittleEndian.u8(source, at + group + 4) & 63
        : LittleEndian.u8(source, at + group + 4) >> 4
            | LittleEndian.u8(source, at + group) >> 6 << 4;
  }

  /**
   * Fits 8 groups of 32 weights and writes d, dmin and the 12 bytes of a Q4_K or Q5_K block.
   *
   * @return the codes of the 256 weights, for the scales as they were rounded
   */
  static int[] fit(float[] x, int from, ScaleMinSearch search, MemorySegment target, long at) {
    int[] codes = new int[256];
    float[] scales = new float[8];
    float[] minima = new float[8];
    float[] weights = new float[32];
    float largestScale = 0;
    float largestMin = 0;
    for (int group = 0; group < 8; group++) {
      weigh(x, from + 32 * group, weights);
      scales[group] = search.fit(x, from + 32 * group, from, weights, codes, minima, group);
      largestScale = Math.max(largestScale, scales[group]);
      largestMin = Math.max(largestMin, minima[group]);
    }
    LittleEndian.putF16(target, at, largestScale / 63);
    LittleEndian.putF16(target, at + 2, largestMin / 63);
    write(scales, minima, largestScale, largestMin, target, at + 4);
    float d = LittleEndian.f16(target, at);
    float dmin = LittleEndian.f16(target, at + 2);
    for (int group = 0; group < 8; group++) {
      float scale = d * scale(target, at + 4, group);
      float min = dmin * min(target, at + 4, group);
      if (scale != 0) {
        for (int i = 32 * group; i < 32 * group + 32; i++) {
          codes[i] = Rounding.nearest((x[from + i] + min) / scale, 0, search.maxCode());
        }
      }
    }
    return codes;
  }

  /** Large weights count more: their magnitude beside the root mean square of the group. */
  private static void weigh(float[] x, int at, float[] weights) {
    float squares = 0;
    for (int i = 0; i < 32; i++) {
      squares += x[at + i] * x[at + i];
    }
    float rms = (float) Math.sqrt(squares / 32);
    for (int i = 0; i < 32; i++) {
      weights[i] = rms + Math.abs(x[at + i]);
    }
  }

  private static void write(
      float[] scales,
      float[] minima,
      float largestScale,
      float largestMin,
      MemorySegment target,
      long at) {
    float inverseScale = largestScale > 0 ? 63 / largestScale : 0;
    float inverseMin = largestMin > 0 ? 63 / largestMin : 0;
    int[] bytes = new int[12];
    for (int group = 0; group < 8; group++) {
      int scale = Rounding.nearest(inverseScale * scales[group], 0, 63);
      int min = Rounding.nearest(inverseMin * minima[group], 0, 63);
      if (group < 4) {
        bytes[group] = scale;
        bytes[group + 4] = min;
      } else {
        bytes[group + 4] = scale & 15 | (min & 15) << 4;
        bytes[group - 4] |= scale >> 4 << 6;
        bytes[group] |= min >> 4 << 6;
      }
    }
    for (int i = 0; i < 12; i++) {
      LittleEndian.putU8(target, at + i, bytes[i]);
    }
  }
}
