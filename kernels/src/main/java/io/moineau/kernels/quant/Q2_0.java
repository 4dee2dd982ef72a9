package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 64 weights of 2 bits and one scale: half d, q[16]; {@code w = (q - 1) * d}, lowest bits first.
 */
final class Q2_0 implements BlockCodec {
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
}
