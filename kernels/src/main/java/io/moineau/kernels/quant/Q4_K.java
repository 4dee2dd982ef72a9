package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights of 4 bits in 8 groups of 32: half d, half dmin, 12 bytes of 6-bit scales and minima,
 * nibbles q[128]; {@code w = d * scale * q - dmin * min}. Each run of 32 bytes holds two groups:
 * the first in its low nibbles, the second in its high ones.
 */
final class Q4_K implements BlockEncoder {
  private static final ScaleMinSearch SEARCH = new ScaleMinSearch(15, -1, 0.1f, 20, false);

  @Override
  public DType type() {
    return DType.Q4_K;
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
      long at = offset + 16 + 16L * group;
      int to = targetOffset + 32 * group;
      for (int i = 0; i < 32; i++) {
        int q = LittleEndian.u8(source, at + i);
        target[to + i] = scale0 * (q & 15) - min0;
        target[to + i + 32] = scale1 * (q >> 4) - min1;
      }
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    int[] codes = SixBitPairs.fit(source, sourceOffset, SEARCH, target, targetOffset);
    for (int i = 0; i < 128; i++) {
      int from = 64 * (i >> 5) + (i & 31);
      LittleEndian.putU8(target, targetOffset + 16 + i, codes[from] | codes[from + 32] << 4);
    }
  }
}
