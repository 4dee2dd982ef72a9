package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights in 32 groups of 8 from a ternary grid of 2048 points: half d, q[32], short high[8];
 * {@code w = d * (2 * scale + 1) * (grid + delta)}. Each short serves 32 weights: four times 3 more
 * bits of q, a scale of 3 bits, and on top whether delta is -1/8 or 1/8.
 */
final class IQ1_S implements BlockCodec {
  @Override
  public DType type() {
    return DType.IQ1_S;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 32; i++) {
      int high = LittleEndian.u16(source, offset + 34 + 2 * (i >> 2));
      int point = LittleEndian.u8(source, offset + 2 + i) | (high >> 3 * (i & 3) & 7) << 8;
      float scale = d * (2 * (high >> 12 & 7) + 1);
      float delta = (high & 0x8000) == 0 ? IqGrids.DELTA : -IqGrids.DELTA;
      IqGrids.writeTernary(point, delta, scale, target, targetOffset + 8 * i);
    }
  }
}
