package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 weights of 4 bits and one scale: half d, nibbles q[16]; {@code w = (q - 8) * d}. The low
 * nibbles are weights 0 to 15, the high ones 16 to 31.
 */
final class Q4_0 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.Q4_0;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 16; i++) {
      int q = LittleEndian.u8(source, offset + 2 + i);
      target[targetOffset + i] = ((q & 15) - 8) * d;
      target[targetOffset + i + 16] = ((q >> 4) - 8) * d;
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    // The weight of largest magnitude becomes the lowest code, whose range is wider by one.
    float d = Rounding.extreme(source, sourceOffset, 32) / -8;
    float inverse = Rounding.inverse(d);
    LittleEndian.putF16(target, targetOffset, d);
    for (int i = 0; i < 16; i++) {
      int q0 = Math.min(15, (int) (source[sourceOffset + i] * inverse + 8.5f));
      int q1 = Math.min(15, (int) (source[sourceOffset + i + 16] * inverse + 8.5f));
      LittleEndian.putU8(target, targetOffset + 2 + i, q0 | q1 << 4);
    }
  }
}
