package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 weights of 4 bits, a scale and a minimum: half d, half m, nibbles q[16]; {@code w = q * d +
 * m}. The low nibbles are weights 0 to 15, the high ones 16 to 31.
 */
final class Q4_1 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.Q4_1;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    float m = LittleEndian.f16(source, offset + 2);
    for (int i = 0; i < 16; i++) {
      int q = LittleEndian.u8(source, offset + 4 + i);
      target[targetOffset + i] = (q & 15) * d + m;
      target[targetOffset + i + 16] = (q >> 4) * d + m;
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
    float d = (max - min) / 15;
    float inverse = Rounding.inverse(d);
    LittleEndian.putF16(target, targetOffset, d);
    LittleEndian.putF16(target, targetOffset + 2, min);
    for (int i = 0; i < 16; i++) {
      int q0 = Math.min(15, (int) ((source[sourceOffset + i] - min) * inverse + 0.5f));
      int q1 = Math.min(15, (int) ((source[sourceOffset + i + 16] - min) * inverse + 0.5f));
      LittleEndian.putU8(target, targetOffset + 4 + i, q0 | q1 << 4);
    }
  }
}
