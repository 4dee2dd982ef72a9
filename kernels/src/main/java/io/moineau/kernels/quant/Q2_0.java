package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 64 weights of 2 bits and one scale: half d, q[16]; {@code w = (q - 1) * d}, lowest bits first.
 */
final class Q2_0 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.Q2_0;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 64; i++) {
      int bits = LittleEndian.u8(source, offset + 2 + (i >> 2));
      target[targetOffset + i] = ((bits >> 2 * (i & 3) & 3) - 1) * d;
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float d = Rounding.largest(source, sourceOffset, 64);
    float inverse = Rounding.inverse(d);
    LittleEndian.putF16(target, targetOffset, d);
    for (int i = 0; i < 16; i++) {
      int bits = 0;
      for (int j = 0; j < 4; j++) {
        int q = Math.clamp(Rounding.away(source[sourceOffset + 4 * i + j] * inverse) + 1, 0, 3);
        bits |= q << 2 * j;
      }
      LittleEndian.putU8(target, targetOffset + 2 + i, bits);
    }
  }
}
