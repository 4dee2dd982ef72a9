package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights in 32 groups of 8 from a grid of 1024 points: half d, q[32], signs[32], high[8],
 * scales[8]; {@code w = d * (scale + 1/2) / 4 * sign * grid}. Each byte of high has two more bits
 * of four q; each nibble of scales, low one first, serves 16 weights.
 */
final class IQ2_S implements BlockCodec {
  @Override
  public DType type() {
    return DType.IQ2_S;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 32; i++) {
      int high = LittleEndian.u8(source, offset + 66 + (i >> 2)) >> 2 * (i & 3) & 3;
      int point = LittleEndian.u8(source, offset + 2 + i) | high << 8;
      int signs = LittleEndian.u8(source, offset + 34 + i);
      int pair = LittleEndian.u8(source, offset + 74 + (i >> 2));
      float scale = d * (0.5f + (pair >> 2 * (i & 2) & 15)) * 0.25f;
      IqGrids.write(IqGrids.IQ2_S, point, 8, signs, scale, target, targetOffset + 8 * i);
    }
  }
}
