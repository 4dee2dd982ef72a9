package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/** 32 weights of 8 bits and one scale: half d, byte q[32]; {@code w = q * d}. */
final class Q8_0 implements BlockCodec {
  @Override
  public DType type() {
    return DType.Q8_0;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 32; i++) {
      target[targetOffset + i] = LittleEndian.i8(source, offset + 2 + i) * d;
    }
  }
}
