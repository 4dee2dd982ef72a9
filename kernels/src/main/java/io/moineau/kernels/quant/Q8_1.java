package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 activations of 8 bits, a scale and a sum: half d, half {@code d * sum(q)}, byte q[32]; {@code
 * w = q * d}.
 */
final class Q8_1 implements BlockEncoder {
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

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float d = Rounding.largest(source, sourceOffset, 32) / 127;
    float inverse = Rounding.inverse(d);
    LittleEndian.putF16(target, targetOffset, d);
    int sum = 0;
    for (int i = 0; i < 32; i++) {
      int q = Rounding.away(source[sourceOffset + i] * inverse);
      LittleEndian.putU8(target, targetOffset + 4 + i, q);
      sum += q;
    }
    LittleEndian.putF16(target, targetOffset + 2, sum * d);
  }
}
