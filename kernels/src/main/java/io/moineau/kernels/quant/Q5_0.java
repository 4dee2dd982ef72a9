package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 weights of 5 bits and one scale: half d, int h, nibbles q[16]; {@code w = (q - 16) * d}. Bit i
 * of h is the fifth bit of weight i; low nibbles are weights 0 to 15, high ones 16 to 31.
 */
final class Q5_0 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.Q5_0;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    int high = LittleEndian.i32(source, offset + 2);
    for (int i = 0; i < 16; i++) {
      int q = LittleEndian.u8(source, offset + 6 + i);
      int q0 = q & 15 | (high >>> i & 1) << 4;
      int q1 = q >> 4 | (high >>> i + 16 & 1) << 4;
      target[targetOffset + i] = (q0 - 16) * d;
      target[targetOffset + i + 16] = (q1 - 16) * d;
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    // The weight of largest magnitude becomes the lowest code, whose range is wider by one.
    float d = Rounding.extreme(source, sourceOffset, 32) / -16;
    float inverse = Rounding.inverse(d);
    LittleEndian.putF16(target, targetOffset, d);
    int high = 0;
    for (int i = 0; i < 16; i++) {
      int q0 = Math.min(31, (int) (source[sourceOffset + i] * inverse + 16.5f));
      int q1 = Math.min(31, (int) (source[sourceOffset + i + 16] * inverse + 16.5f));
      LittleEndian.putU8(target, targetOffset + 6 + i, q0 & 15 | (q1 & 15) << 4);
      high |= q0 >> 4 << i | q1 >> 4 << i + 16;
    }
    LittleEndian.putI32(target, targetOffset + 2, high);
  }
}
