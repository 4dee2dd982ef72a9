package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights in 32 groups of 8 from a grid of 256 points: half d, then 8 x 8 bytes; {@code w = d *
 * (scale + 1/2) / 4 * sign * grid}. Of each 8 bytes, four are numbers of grid points, and an int
 * holds four times 7 bits of signs and, on top, the scale of 4 bits.
 */
final class IQ2_XXS implements BlockCodec {
  @Override
  public DType type() {
    return DType.IQ2_XXS;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 8; i++) {
      int bits = LittleEndian.i32(source, offset + 2 + 8 * i + 4);
      float scale = d * (0.5f + (bits >>> 28)) * 0.25f;
      for (int j = 0; j < 4; j++) {
        int point = LittleEndian.u8(source, offset + 2 + 8 * i + j);
        int signs = IqGrids.signs(bits >>> 7 * j & 127);
        IqGrids.write(
            IqGrids.IQ2_XXS, point, 8, signs, scale, target, targetOffset + 32 * i + 8 * j);
      }
    }
  }
}
