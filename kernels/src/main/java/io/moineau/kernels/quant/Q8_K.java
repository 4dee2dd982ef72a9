package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 activations of 8 bits, a scale and sums: float d, byte q[256], short sums[16] of 16 q each;
 * {@code w = d * q}. Not found in model files.
 */
final class Q8_K implements BlockEncoder {
  @Override
  public DType type() {
    return DType.Q8_K;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f32(source, offset);
    for (int i = 0; i < 256; i++) {
      target[targetOffset + i] = d * LittleEndian.i8(source, offset + 4 + i);
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float extreme = Rounding.extreme(source, sourceOffset, 256);
    float inverse = extreme == 0 ? 0 : -127 / extreme;
    if (inverse == 0 || Float.isInfinite(inverse)) {
      target.asSlice(targetOffset, type().blockBytes()).fill((byte) 0);
      return;
    }
    LittleEndian.putF32(target, targetOffset, 1 / inverse);
    for (int group = 0; group < 16; group++) {
      int sum = 0;
      for (int i = 16 * group; i < 16 * group + 16; i++) {
        int q = Math.min(127, Rounding.nearest(inverse * source[sourceOffset + i]));
        LittleEndian.putU8(target, targetOffset + 4 + i, q);
        sum += q;
      }
      LittleEndian.putI16(target, targetOffset + 260 + 2 * group, sum);
    }
  }
}
