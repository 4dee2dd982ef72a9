package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights of 5 bits in 8 groups of 32: half d, half dmin, 12 bytes of 6-bit scales and minima,
 * h[32], nibbles q[128]; {@code w = d * scale * q - dmin * min}. Nibbles lie as in Q4_K; bit g of
 * h[i] is the fifth bit of weight i of group g.
 */
final class Q5_K implements BlockEncoder {
  private static final ScaleMinSearch SEARCH = new ScaleMinSearch(31, -0.5f, 0.1f, 15, false);

  @Override
  public DType type() {
    return DType.Q5_K;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    float dmin = LittleEndian.f16(source, offset + 2);
    for (int group = 0; group < 8; group += 2) {
      float scale0 = d * SixBitPairs.scale(source, offset + 4, group);
      float min0 = dmin * SixBitPairs.min(source, offset + 4, group);
      float scale1 = d * SixBitPairs.scale(source, offset + 4, group + 1);
      float min1 = dmin * SixBitPairs.min(source, offset + 4, group + 1);
      long at = offset + 48 + 16L * group;
      int to = targetOffset + 32 * group;
      for (int i = 0; i < 32; i++) {
        int high = LittleEndian.u8(source, offset + 16 + i) >> group;
        int q = LittleEndian.u8(source, at + i);
        target[to + i] = scale0 * (q & 15 | (high & 1) << 4) - min0;
        target[to + i + 32] = scale1 * (q >> 4 | (high & 2) << 3) - min1;
      }
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    int[] codes = SixBitPairs.fit(source, sourceOffset, SEARCH, target, targetOffset);
    for (int i = 0; i < 128; i++) {
      int from = 64 * (i >> 5) + (i & 31);
      int low = codes[from] & 15 | (codes[from + 32] & 15) << 4;
      LittleEndian.putU8(target, targetOffset + 48 + i, low);
    }
    for (int i = 0; i < 32; i++) {
      int high = 0;
      for (int group = 0; group < 8; group++) {
        high |= codes[32 * group + i] >> 4 << group;
      }
      LittleEndian.putU8(target, targetOffset + 16 + i, high);
    }
  }
}
