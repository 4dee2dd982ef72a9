package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights of 2 bits in 16 groups of 16: byte pair[16] (scale in the low nibble, minimum in the
 * high one), q[64], half d, half dmin; {@code w = d * scale * q - dmin * min}. Byte i of each 32 of
 * q holds weights i, i + 32, i + 64 and i + 96 of a half of 128.
 */
final class Q2_K implements BlockEncoder {
  private static final ScaleMinSearch SEARCH = new ScaleMinSearch(3, -0.5f, 0.1f, 15, true);

  @Override
  public DType type() {
    return DType.Q2_K;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset + 80);
    float dmin = LittleEndian.f16(source, offset + 82);
    for (int group = 0; group < 16; group++) {
      int pair = LittleEndian.u8(source, offset + group);
      float scale = d * (pair & 15);
      float min = dmin * (pair >> 4);
      long at = offset + 16 + 32 * (group >> 3) + 16 * (group & 1);
      int shift = group & 6;
      for (int i = 0; i < 16; i++) {
        int q = LittleEndian.u8(source, at + i) >> shift & 3;
        target[targetOffset + 16 * group + i] = scale * q - min;
      }
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    int[] codes = new int[256];
    float[] scales = new float[16];
    float[] minima = new float[16];
    float[] weights = new float[16];
    float largestScale = 0;
    float largestMin = 0;
    for (int group = 0; group < 16; group++) {
      int at = sourceOffset + 16 * group;
      for (int i = 0; i < 16; i++) {
        weights[i] = Math.abs(source[at + i]);
      }
      scales[group] = SEARCH.fit(source, at, sourceOffset, weights, codes, minima, group);
      largestScale = Math.max(largestScale, scales[group]);
      largestMin = Math.max(largestMin, minima[group]);
    }
    LittleEndian.putF16(target, targetOffset + 80, largestScale / 15);
    LittleEndian.putF16(target, targetOffset + 82, largestMin / 15);
    float d = LittleEndian.f16(target, targetOffset + 80);
    float dmin = LittleEndian.f16(target, targetOffset + 82);
    float inverseScale = largestScale > 0 ? 15 / largestScale : 0;
    float inverseMin = largestMin > 0 ? 15 / largestMin : 0;
    for (int group = 0; group < 16; group++) {
      int scale = Rounding.nearest(inverseScale * scales[group], 0, 15);
      int min = Rounding.nearest(inverseMin * minima[group], 0, 15);
      LittleEndian.putU8(target, targetOffset + group, scale | min << 4);
      if (d * scale != 0) {
        for (int i = 16 * group; i < 16 * group + 16; i++) {
          float shifted = source[sourceOffset + i] + dmin * min;
          codes[i] = Rounding.nearest(shifted / (d * scale), 0, 3);
        }
      }
    }
    writeTwoBits(codes, target, targetOffset + 16);
  }

  /** Packs the low two bits of 256 codes into 64 bytes as Q2_K and Q3_K do. */
  static void writeTwoBits(int[] codes, MemorySegment target, long at) {
    for (int i = 0; i < 64; i++) {
      int from = 128 * (i >> 5) + (i & 31);
      int bits = 0;
      for (int j = 0; j < 4; j++) {
        bits |= (codes[from + 32 * j] & 3) << 2 * j;
      }
      LittleEndian.putU8(target, at + i, bits);
    }
  }
}
