package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights of 6 bits in 16 groups of 16: low[128], high[64], signed byte scale[16], half d;
 * {@code w = d * scale * (q - 32)}. Of each half of 128 weights, byte i of low (64) holds the low
 * nibbles of weights i and i + 64, and byte i of high (32) two bits each of weights i, i + 32, i +
 * 64, i + 96.
 */
final class Q6_K implements BlockEncoder {
  @Override
  public DType type() {
    return DType.Q6_K;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset + 208);
    for (int half = 0; half < 2; half++) {
      long low = offset + 64 * half;
      long high = offset + 128 + 32 * half;
      long scale = offset + 192 + 8 * half;
      int to = targetOffset + 128 * half;
      for (int i = 0; i < 32; i++) {
        int low0 = LittleEndian.u8(source, low + i);
        int low1 = LittleEndian.u8(source, low + i + 32);
        int h = LittleEndian.u8(source, high + i);
        long s = scale + (i >> 4);
        target[to + i] = d * LittleEndian.i8(source, s) * ((low0 & 15 | (h & 3) << 4) - 32);
        target[to + i + 32] =
            d * LittleEndian.i8(source, s + 2) * ((low1 & 15 | (h >> 2 & 3) << 4) - 32);
        target[to + i + 64] =
            d * LittleEndian.i8(source, s + 4) * ((low0 >> 4 | (h >> 4 & 3) << 4) - 32);
        target[to + i + 96] =
            d * LittleEndian.i8(source, s + 6) * ((low1 >> 4 | (h >> 6) << 4) - 32);
      }
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    int[] codes = new int[256];
    float[] scales = new float[16];
    for (int group = 0; group < 16; group++) {
      int at = sourceOffset + 16 * group;
      scales[group] = SymmetricSearch.bySteps(source, at, sourceOffset, 16, 32, codes);
    }
    float extreme = Rounding.extreme(scales, 0, 16);
    if (Math.abs(extreme) < SymmetricSearch.TINY) {
      target.asSlice(targetOffset, type().blockBytes()).fill((byte) 0);
      return;
    }
    float inverse = -128 / extreme;
    LittleEndian.putF16(target, targetOffset + 208, 1 / inverse);
    float d = LittleEndian.f16(target, targetOffset + 208);
    for (int group = 0; group < 16; group++) {
      int scale = Math.min(127, Rounding.nearest(inverse * scales[group]));
      LittleEndian.putU8(target, targetOffset + 192 + group, scale);
      if (d * scale != 0) {
        for (int i = 16 * group; i < 16 * group + 16; i++) {
          codes[i] = Rounding.nearest(source[sourceOffset + i] / (d * scale), -32, 31) + 32;
        }
      }
    }
    writeCodes(codes, target, targetOffset);
  }

  private static void writeCodes(int[] codes, MemorySegment target, long at) {
    for (int half = 0; half < 2; half++) {
      for (int i = 0; i < 32; i++) {
        int from = 128 * half + i;
        int low0 = codes[from] & 15 | (codes[from + 64] & 15) << 4;
        int low1 = codes[from + 32] & 15 | (codes[from + 96] & 15) << 4;
        LittleEndian.putU8(target, at + 64 * half + i, low0);
        LittleEndian.putU8(target, at + 64 * half + i + 32, low1);
        int high = 0;
        for (int j = 0; j < 4; j++) {
          high |= codes[from + 32 * j] >> 4 << 2 * j;
        }
        LittleEndian.putU8(target, at + 128 + 32 * half + i, high);
      }
    }
  }
}
