package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 64 weights of 4 bits in E2M1 in 4 groups of 16: byte scale[4] in E4M3, nibbles q[32]; {@code w =
 * table[q] * scale / 2}, the table holding twice the values of E2M1. Of each group's 8 bytes the
 * low nibbles are weights 0 to 7.
 */
final class NVFP4 implements BlockEncoder {
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

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    for (int group = 0; group < 4; group++) {
      int from = sourceOffset + 16 * group;
      int code = toE4m3(Rounding.largest(source, from, 16) / 6);
      float d = halfOfE4m3(code);
      LittleEndian.putU8(target, targetOffset + group, code);
      for (int i = 0; i < 8; i++) {
        int q0 = Fp4.nearest(source[from + i], d);
        int q1 = Fp4.nearest(source[from + i + 8], d);
        LittleEndian.putU8(target, targetOffset + 4 + 8 * group + i, q0 | q1 << 4);
      }
    }
  }

  /** The nearest E4M3 of a float that is not negative, ties away from zero, 448 at most. */
  private static int toE4m3(float x) {
    float limited = Math.min(x, 448);
    int bits = Float.floatToRawIntBits(limited);
    int exponent = (bits >> 23) - 120;
    if (exponent <= 0) {
      return Math.min(7, (int) (limited * 512 + 0.5f));
    }
    // A carry out of the mantissa moves into the exponent by itself.
    return Math.min(0x7E, (exponent << 3 | bits >> 20 & 7) + (bits >> 19 & 1));
  }
}
