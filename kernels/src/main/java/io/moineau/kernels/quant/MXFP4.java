package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 weights of 4 bits in E2M1 and one exponent (OCP Microscaling Formats 1.0): byte e, nibbles
 * q[16]; {@code w = table[q] * 2^(e - 128)}, the table holding twice the values of E2M1. The low
 * nibbles are weights 0 to 15.
 */
final class MXFP4 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.MXFP4;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = halfOfE8m0(LittleEndian.u8(source, offset));
    for (int i = 0; i < 16; i++) {
      int q = LittleEndian.u8(source, offset + 1 + i);
      target[targetOffset + i] = Fp4.twice(q & 15) * d;
      target[targetOffset + i + 16] = Fp4.twice(q >> 4) * d;
    }
  }

  /** {@code 2^(e - 128)}; the two smallest are subnormal. */
  static float halfOfE8m0(int e) {
    return Float.intBitsToFloat(e < 2 ? 0x0020_0000 << e : e - 1 << 23);
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float largest = Rounding.largest(source, sourceOffset, 32);
    // 4 is the power of two below the largest value of E2M1; log2 rounded to a float, as there.
    float log2 = (float) (Math.log(largest) / Math.log(2));
    int e = largest > 0 ? Math.max(0, (int) Math.floor(log2) - 2 + 127) : 0;
    float d = halfOfE8m0(e);
    LittleEndian.putU8(target, targetOffset, e);
    for (int i = 0; i < 16; i++) {
      int q0 = Fp4.nearest(source[sourceOffset + i], d);
      int q1 = Fp4.nearest(source[sourceOffset + i + 16], d);
      LittleEndian.putU8(target, targetOffset + 1 + i, q0 | q1 << 4);
    }
  }
}
