package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 activations of 8 bits, a scale and a sum: half d, half {@code d * sum(q)}, byte q[32]; {@code
 * w = q * d}.
 */
final class Q8_1 implements BlockCodec {
  @Override
  public DType type() {
    return DType.Q8_1;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 32; i++) {
      target[targetOffset + i] = LittleEndian.i8(source, offset + 4 + i) * d;
    }
  }
}
