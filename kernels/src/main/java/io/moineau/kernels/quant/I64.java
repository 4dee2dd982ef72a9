package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Signed 64-bit numbers, rounded to floats. */
final class I64 implements BlockCodec {
  @Override
  public DType type() {
    return DType.I64;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    target[targetOffset] = LittleEndian.i64(source, offset);
  }

  @Override
  public void dequantize(
      MemorySegment source, long offset, float[] target, int targetOffset, int elements) {
    Bounds.check(
        type(), source, offset, type().bytesFor(elements), target.length, targetOffset, elements);
    for (int i = 0; i < elements; i++) {
      target[targetOffset + i] = LittleEndian.i64(source, offset + 8L * i);
    }
  }
}
