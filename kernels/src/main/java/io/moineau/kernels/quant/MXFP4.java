package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 weights of 4 bits in E2M1 and one exponent (OCP Microscaling Formats 1.0): byte e, nibbles
 * q[16]; {@code w = table[q] * 2^(e - 128)}, the table holding twice the values of E2M1. The low
 * nibbles are weights 0 to 15.
 */
final class MXFP4 implements BlockCodec {
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
}
