package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/** 64-bit floats, rounded to 32 bits. */
final class F64 implements BlockCodec {
  @Override
  public DType type() {
    return DType.F64;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    target[targetOffset] = (float) Double.longBitsToDouble(LittleEndian.i64(source, offset));
  }

  @Override
  public void dequantize(
      MemorySegment source, long offset, float[] target, int targetOffset, int elements) {
    Bounds.check(
        type(), source, offset, type().bytesFor(elements), target.length, targetOffset, elements);
    for (int i = 0; i < elements; i++) {
      target[targetOffset + i] =
          (float) Double.longBitsToDouble(LittleEndian.i64(source, offset + 8L * i));
    }
  }
}
