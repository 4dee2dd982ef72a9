package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights in 64 groups of 4 from a grid of 512 points: half d, q[64], high[8], signs[32],
 * scales[4]; {@code w = d * (1 + 2 * scale) * sign * grid}. Each bit of high, lowest first, is the
 * ninth of a q; each nibble of scales, low one first, serves 32 weights.
 */
final class IQ3_S implements BlockCodec {
  @Override
  public DType type() {
    return DType.IQ3_S;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 64; i++) {
      int high = LittleEndian.u8(source, offset + 66 + (i >> 3)) >> (i & 7) & 1;
      int point = LittleEndian.u8(source, offset + 2 + i) | high << 8;
      int signs = LittleEndian.u8(source, offset + 74 + (i >> 1)) >> 4 * (i & 1);
      int pair = LittleEndian.u8(source, offset + 106 + (i >> 4));
      float scale = d * (1 + 2 * (pair >> ((i & 8) >> 1) & 15));
      IqGrids.write(IqGrids.IQ3_S, point, 4, signs, scale, target, targetOffset + 4 * i);
    }
  }
}
