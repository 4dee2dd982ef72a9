package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 128 weights of 1 bit and one scale: half d, bits[16]; {@code w = bit ? d : -d}, lowest bit first.
 */
final class Q1_0 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.Q1_0;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 128; i++) {
      int bits = LittleEndian.u8(source, offset + 2 + (i >> 3));
      target[targetOffset + i] = (bits >> (i & 7) & 1) == 1 ? d : -d;
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float sum = 0;
    for (int i = 0; i < 128; i++) {
      sum += Math.abs(source[sourceOffset + i]);
    }
    LittleEndian.putF16(target, targetOffset, sum / 128);
    for (int i = 0; i < 16; i++) {
      int bits = 0;
      for (int j = 0; j < 8; j++) {
        bits |= source[sourceOffset + 8 * i + j] >= 0 ? 1 << j : 0;
      }
      LittleEndian.putU8(target, targetOffset + 2 + i, bits);
    }
  }
}
