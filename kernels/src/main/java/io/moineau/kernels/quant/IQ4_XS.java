package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights of 4 bits by the table of IQ4_NL in 8 groups of 32: half d, short scalesHigh,
 * scalesLow[4], nibbles q[128]; {@code w = d * (scale - 32) * table[q]}, scales of 6 bits.
 */
final class IQ4_XS implements BlockEncoder {
  @Override
  public DType type() {
    return DType.IQ4_XS;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    int high = LittleEndian.u16(source, offset + 2);
    for (int group = 0; group < 8; group++) {
      int low = LittleEndian.u8(source, offset + 4 + (group >> 1)) >> 4 * (group & 1) & 15;
      float scale = d * ((low | (high >> 2 * group & 3) << 4) - 32);
      int to = targetOffset + 32 * group;
      for (int i = 0; i < 16; i++) {
        int q = LittleEndian.u8(source, offset + 8 + 16 * group + i);
        target[to + i] = scale * IQ4_NL.level(q & 15);
        target[to + i + 16] = scale * IQ4_NL.level(q >> 4);
      }
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float[] scales = new float[8];
    for (int group = 0; group < 8; group++) {
      scales[group] = IQ4_NL.fit(source, sourceOffset + 32 * group);
    }
    float d = -Rounding.extreme(scales, 0, 8) / 32;
    LittleEndian.putF16(target, targetOffset, d);
    int high = 0;
    int low = 0;
    for (int group = 0; group < 8; group++) {
      int scale = Rounding.nearest(Rounding.inverse(d) * scales[group], -32, 31);
      IQ4_NL.writeCodes(
          source,
          sourceOffset + 32 * group,
          Rounding.inverse(d * scale),
          target,
          targetOffset + 8 + 16 * group);
      low |= (scale + 32 & 15) << 4 * group;
      high |= scale + 32 >> 4 << 2 * group;
    }
    LittleEndian.putI16(target, targetOffset + 2, high);
    LittleEndian.putI32(target, targetOffset + 4, low);
  }
}
