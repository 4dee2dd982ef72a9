package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights of 6 bits in 16 groups of 16: low[128], high[64], signed byte scale[16], half d;
 * {@code w = d * scale * (q - 32)}. Of each half of 128 weights, byte i of low (64) holds the low
 * nibbles of weights i and i + 64, and byte i of high (32) two bits each of weights i, i + 32, i +
 * 64, i + 96.
 */
final class Q6_K implements BlockCodec {
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
}
