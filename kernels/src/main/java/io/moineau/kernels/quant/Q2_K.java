package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights of 2 bits in 16 groups of 16: byte pair[16] (scale in the low nibble, minimum in the
 * high one), q[64], half d, half dmin; {@code w = d * scale * q - dmin * min}. Byte i of each 32 of
 * q holds weights i, i + 32, i + 64 and i + 96 of a half of 128.
 */
final class Q2_K implements BlockCodec {
  @Override
  public DType type() {
    return DType.Q2_K;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset + 80);
    float dmin = LittleEndian.f16(source, offset + 82);
    for (int group = 0; group < 16; group++) {
      int pair = LittleEndian.u8(source, offset + group);
      float scale = d * (pair & 15);
      float min = dmin * (pair >> 4);
      long at = offset + 16 + 32 * (group >> 3) + 16 * (group & 1);
      int shift = group & 6;
      for (int i = 0; i < 16; i++) {
        int q = LittleEndian.u8(source, at + i) >> shift & 3;
        target[targetOffset + 16 * group + i] = scale * q - min;
      }
    }
  }
}
