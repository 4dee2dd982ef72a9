package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 weights of 5 bits, a scale and a minimum: half d, half m, int h, nibbles q[16]; {@code w = q *
 * d + m}. Bit i of h is the fifth bit of weight i; low nibbles are weights 0 to 15.
 */
final class Q5_1 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.Q5_1;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    float m = LittleEndian.f16(source, offset + 2);
    int high = LittleEndian.i32(source, offset + 4);
    for (int i = 0; i < 16; i++) {
      int q = LittleEndian.u8(source, offset + 8 + i);
      int q0 = q & 15 | (high >>> i & 1) << 4;
      int q1 = q >> 4 | (high >>> i + 16 & 1) << 4;
      target[targetOffset + i] = q0 * d + m;
      target[targetOffset + i + 16] = q1 * d + m;
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float min = source[sourceOffset];
    float max = min;
    for (int i = 1; i < 32; i++) {
      min = Math.min(min, source[sourceOffset + i]);
      max = Math.max(max, source[sourceOffset + i]);
    }
    float d = (max - min) / 31;
    float inverse = Rounding.inverse(d);
    LittleEndian.putF16(target, targetOffset, d);
    LittleEndian.putF16(target, targetOffset + 2, min);
    int high = 0;
    for (int i = 0; i < 16; i++) {
      int q0 = Math.min(31, (int) ((source[sourceOffset + i] - min) * inverse + 0.5f));
      int q1 = Math.min(31, (int) ((source[sourceOffset + i + 16] - min) * inverse + 0.5f));
      LittleEndian.putU8(target, targetOffset + 8 + i, q0 & 15 | (q1 & 15) << 4);
      high |= q0 >> 4 << i | q1 >> 4 << i + 16;
    }
    LittleEndian.putI32(target, targetOffset + 4, high);
  }
}
