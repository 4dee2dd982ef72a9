package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 64 weights of 4 bits in E2M1 in 4 groups of 16: byte scale[4] in E4M3, nibbles q[32]; {@code w =
 * table[q] * scale / 2}, the table holding twice the values of E2M1. Of each group's 8 bytes the
 * low nibbles are weights 0 to 7.
 */
final class NVFP4 implements BlockCodec {
  @Override
  public DType type() {
    return DType.NVFP4;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    for (int group = 0; group < 4; group++) {
      float d = halfOfE4m3(LittleEndian.u8(source, offset + group));
      int to = targetOffset + 16 * group;
      for (int i = 0; i < 8; i++) {
        int q = LittleEndian.u8(source, offset + 4 + 8 * group + i);
        target[to + i] = Fp4.twice(q & 15) * d;
        target[to + i + 8] = Fp4.twice(q >> 4) * d;
      }
    }
  }

  /**
   * Half of an 8-bit float with 4 bits of exponent and 3 of mantissa; its sign is not looked at.
   */
  static float halfOfE4m3(int code) {
    if (code == 0x7F) {
      return 0; // The NaN of the format counts as zero.
    }
    int exponent = code >> 3 & 15;
    int mantissa = code & 7;
    return exponent == 0 ? mantissa * 0x1p-10f : Math.scalb(1 + mantissa / 8f, exponent - 8);
  }
}
