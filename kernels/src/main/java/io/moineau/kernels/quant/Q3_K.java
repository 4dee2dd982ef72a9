package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights of 3 bits in 16 groups of 16: high[32], low[64], 12 bytes of 6-bit scales, half d;
 * {@code w = d * (scale - 32) * (q - 4)}. The low two bits lie as in Q2_K; bit g / 2 of byte i (16
 * + i for odd g) of high is the third bit of weight i of group g.
 */
final class Q3_K implements BlockEncoder {
  @Override
  public DType type() {
    return DType.Q3_K;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset + 108);
    for (int group = 0; group < 16; group++) {
      float scale = d * (scale(source, offset + 96, group) - 32);
      long high = offset + 16 * (group & 1);
      long low = offset + 32 + 32 * (group >> 3) + 16 * (group & 1);
      int shift = group & 6;
      for (int i = 0; i < 16; i++) {
        int q = LittleEndian.u8(source, low + i) >> shift & 3;
        int bit = LittleEndian.u8(source, high + i) >> (group >> 1) & 1;
        target[targetOffset + 16 * group + i] = scale * (q - (bit == 1 ? 0 : 4));
      }
    }
  }

  /**
   * Scale {@code group}, 0 to 63: the low nibbles of bytes 0 to 7 begin scales 0 to 7, the high
   * ones 8 to 15; the upper two bits of four scales lie in each of bytes 8 to 11.
   */
  static int scale(MemorySegment source, long at, int group) {
    int low = LittleEndian.u8(source, at + (group & 7)) >> (group < 8 ? 0 : 4) & 15;
    int high = LittleEndian.u8(source, at + 8 + (group & 3)) >> 2 * (group >> 2) & 3;
    return low | high << 4;
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    int[] codes = new int[256];
    float[] scales = new float[16];
    for (int group = 0; group < 16; group++) {
      int at = sourceOffset + 16 * group;
      scales[group] = SymmetricSearch.byDescent(source, at, sourceOffset, 16, 4, codes);
    }
    float extreme = Rounding.extreme(scales, 0, 16);
    float inverse = extreme == 0 ? 0 : -32 / extreme;
    LittleEndian.putF16(target, targetOffset + 108, Rounding.inverse(inverse));
    float d = LittleEndian.f16(target, targetOffset + 108);
    int[] packed = new int[12];
    for (int group = 0; group < 16; group++) {
      int scale = extreme == 0 ? 0 : Rounding.nearest(inverse * scales[group], -32, 31) + 32;
      packed[group & 7] |= (scale & 15) << (group < 8 ? 0 : 4);
      packed[8 + (group & 3)] |= scale >> 4 << 2 * (group >> 2);
      float step = d * (scale - 32);
      if (step != 0) {
        for (int i = 16 * group; i < 16 * group + 16; i++) {
          codes[i] = Rounding.nearest(source[sourceOffset + i] / step, -4, 3) + 4;
        }
      }
    }
    for (int i = 0; i < 12; i++) {
      LittleEndian.putU8(target, targetOffset + 96 + i, packed[i]);
    }
    for (int i = 0; i < 32; i++) {
      int high = 0;
      for (int j = 0; j < 8; j++) {
        high |= codes[32 * j + i] >> 2 << j;
      }
      LittleEndian.putU8(target, targetOffset + i, high);
    }
    Q2_K.writeTwoBits(codes, target, targetOffset + 32);
  }
}
