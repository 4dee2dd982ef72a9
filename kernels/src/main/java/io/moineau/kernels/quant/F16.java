package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Half floats (IEEE binary16). */
final class F16 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.F16;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    target[targetOffset] = LittleEndian.f16(source, offset);
  }

  @Override
  public void dequantize(
      MemorySegment source, long offset, float[] target, int targetOffset, int elements) {
    Bounds.check(
        type(), source, offset, type().bytesFor(elements), target.length, targetOffset, elements);
    for (int i = 0; i < elements; i++) {
      target[targetOffset + i] = LittleEndian.f16(source, offset + 2L * i);
    }
  }

  @Override
  public void quantize(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset, int elements) {
    Bounds.check(
        type(),
        target,
        targetOffset,
        type().bytesFor(elements),
        source.length,
        sourceOffset,
        elements);
    for (int i = 0; i < elements; i++) {
      LittleEndian.putF16(target, targetOffset + 2L * i, source[sourceOffset + i]);
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    LittleEndian.putF16(target, targetOffset, source[sourceOffset]);
  }
}
