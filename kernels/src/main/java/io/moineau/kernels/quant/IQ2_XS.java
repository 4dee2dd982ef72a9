package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights in 32 groups of 8 from a grid of 512 points: half d, short q[32], byte scales[8];
 * {@code w = d * (scale + 1/2) / 4 * sign * grid}. Each q is 9 bits of a grid point and 7 of signs;
 * each nibble of scales, low one first, serves 16 weights.
 */
final class IQ2_XS implements BlockCodec {
  @Override
  public DType type() {
    return DType.IQ2_XS;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 32; i++) {
      int q = LittleEndian.u16(source, offset + 2 + 2 * i);
      int pair = LittleEndian.u8(source, offset + 66 + (i >> 2));
      float scale = d * (0.5f + (pair >> 2 * (i & 2) & 15)) * 0.25f;
      IqGrids.write(
          IqGrids.IQ2_XS, q & 511, 8, IqGrids.signs(q >> 9), scale, target, targetOffset + 8 * i);
    }
  }
}
