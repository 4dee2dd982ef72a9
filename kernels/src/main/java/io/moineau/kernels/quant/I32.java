package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Signed 32-bit numbers, rounded to floats. */
final class I32 implements BlockCodec {
  @Override
  public DType type() {
    return DType.I32;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    target[targetOffset] = LittleEndian.i32(source, offset);
  }

  @Override
  public void dequantize(
      MemorySegment source, long offset, float[] target, int targetOffset, int elements) {
    Bounds.check(
        type(), source, offset, type().bytesFor(elements), target.length, targetOffset, elements);
    for (int i = 0; i < elements; i++) {
      target[targetOffset + i] = LittleEndian.i32(source, offset + 4L * i);
    }
  }
}
