package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 activations of 8 bits, a scale and sums: float d, byte q[256], short sums[16] of 16 q each;
 * {@code w = d * q}. Not found in model files.
 */
final class Q8_K implements BlockCodec {
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
}
