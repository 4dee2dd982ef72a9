package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 128 weights of 1 bit and one scale: half d, bits[16]; {@code w = bit ? d : -d}, lowest bit first.
 */
final class Q1_0 implements BlockCodec {
  @Override
  public DType type() {
    return DType.Q1_0;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 128; i++) {
      int bits = LittleEndian.u8(source, offset + 2 + (i >> 3));
      target[targetOffset + i] = (bits >> (i & 7) & 1) == 1 ? d : -d;
    }
  }
}
