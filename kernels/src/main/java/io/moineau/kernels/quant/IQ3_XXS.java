package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights in 64 groups of 4 from a grid of 256 points: half d, q[64], int bits[8]; {@code w = d
 * * (scale + 1/2) / 2 * sign * grid}. Each int holds four times 7 bits of signs and, on top, the
 * scale of 4 bits of 32 weights.
 */
final class IQ3_XXS implements BlockCodec {
  @Override
  public DType type() {
    return DType.IQ3_XXS;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 8; i++) {
      int bits = LittleEndian.i32(source, offset + 66 + 4 * i);
      float scale = d * (0.5f + (bits >>> 28)) * 0.5f;
      for (int j = 0; j < 8; j++) {
        int point = LittleEndian.u8(source, offset + 2 + 8 * i + j);
        int signs = IqGrids.signs(bits >>> 7 * (j >> 1) & 127) >> 4 * (j & 1);
        IqGrids.write(
            IqGrids.IQ3_XXS, point, 4, signs, scale, target, targetOffset + 32 * i + 4 * j);
      }
    }
  }
}
