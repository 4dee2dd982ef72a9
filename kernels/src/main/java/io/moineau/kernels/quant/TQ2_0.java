package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 ternary weights of 2 bits and one scale: q[64], half d; {@code w = (q - 1) * d}. Byte i of
 * each 32 of q holds weights i, i + 32, i + 64 and i + 96 of a half of 128.
 */
final class TQ2_0 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.TQ2_0;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset + 64);
    for (int half = 0; half < 2; half++) {
      int to = targetOffset + 128 * half;
      for (int i = 0; i < 32; i++) {
        int q = LittleEndian.u8(source, offset + 32 * half + i);
        target[to + i] = ((q & 3) - 1) * d;
        target[to + i + 32] = ((q >> 2 & 3) - 1) * d;
        target[to + i + 64] = ((q >> 4 & 3) - 1) * d;
        target[to + i + 96] = ((q >> 6) - 1) * d;
      }
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float d = Rounding.largest(source, sourceOffset, 256);
    float inverse = Rounding.inverse(d);
    LittleEndian.putF16(target, targetOffset + 64, d);
    for (int i = 0; i < 64; i++) {
      int from = sourceOffset + 128 * (i >> 5) + (i & 31);
      int bits = 0;
      for (int j = 0; j < 4; j++) {
        bits |= Rounding.away(source[from + 32 * j] * inverse) + 1 << 2 * j;
      }
      LittleEndian.putU8(target, targetOffset + i, bits);
    }
  }
}
