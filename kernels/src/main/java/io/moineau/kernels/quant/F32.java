package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/** 32-bit floats (IEEE binary32), as they are. */
final class F32 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.F32;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    target[targetOffset] = LittleEndian.f32(source, offset);
  }

  @Override
  public void dequantize(
      MemorySegment source, long offset, float[] target, int targetOffset, int elements) {
    Bounds.check(
        type(), source, offset, type().bytesFor(elements), target.length, targetOffset, elements);
    for (int i = 0; i < elements; i++) {
      target[targetOffset + i] = LittleEndian.f32(source, offset + 4L * i);
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
      LittleEndian.putF32(target, targetOffset + 4L * i, source[sourceOffset + i]);
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    LittleEndian.putF32(target, targetOffset, source[sourceOffset]);
  }
}
