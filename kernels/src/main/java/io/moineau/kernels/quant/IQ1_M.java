package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 weights in 32 groups of 8 from the grid of IQ1_S: q[32], high[16], short scales[4]; {@code w
 * = d * (2 * scale + 1) * (grid + delta)}. Each nibble of high has 3 more bits of a q and whether
 * delta is -1/8; each short has four scales of 3 bits for 16 weights each and, on top, four bits of
 * the half float d.
 */
final class IQ1_M implements BlockCodec {
  @Override
  public DType type() {
    return DType.IQ1_M;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    int bits = 0;
    for (int i = 0; i < 4; i++) {
      bits |= LittleEndian.u16(source, offset + 48 + 2 * i) >> 12 << 4 * i;
    }
    float d = Float.float16ToFloat((short) bits);
    for (int i = 0; i < 32; i++) {
      int high = LittleEndian.u8(source, offset + 32 + (i >> 1)) >> 4 * (i & 1);
      int point = LittleEndian.u8(source, offset + i) | (high & 7) << 8;
      int scales = LittleEndian.u16(source, offset + 48 + 2 * (i >> 3));
      float scale = d * (2 * (scales >> 3 * (i >> 1 & 3) & 7) + 1);
      float delta = (high & 8) == 0 ? IqGrids.DELTA : -IqGrids.DELTA;
      IqGrids.writeTernary(point, delta, scale, target, targetOffset + 8 * i);
    }
  }
}
