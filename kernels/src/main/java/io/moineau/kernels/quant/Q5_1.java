package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 weights of 5 bits, a scale and a minimum: half d, half m, int h, nibbles q[16]; {@code w = q *
 * d + m}. Bit i of h is the fifth bit of weight i; low nibbles are weights 0 to 15.
 */
final class Q5_1 implements BlockCodec {
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
}
