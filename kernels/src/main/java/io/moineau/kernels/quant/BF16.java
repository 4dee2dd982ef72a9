package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/** The upper half of 32-bit floats (bfloat16). */
final class BF16 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.BF16;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    target[targetOffset] = Float.intBitsToFloat(LittleEndian.u16(source, offset) << 16);
  }

  @Override
  public void dequantize(
      MemorySegment source, long offset, float[] target, int targetOffset, int elements) {
    Bounds.check(
        type(), source, offset, type().bytesFor(elements), target.length, targetOffset, elements);
    for (int i = 0; i < elements; i++) {
      target[targetOffset + i] =
          Float.intBitsToFloat(LittleEndian.u16(source, offset + 2L * i) << 16);
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
      LittleEndian.putI16(target, targetOffset + 2L * i, fromFloat(source[sourceOffset + i]));
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    LittleEndian.putI16(target, targetOffset, fromFloat(source[sourceOffset]));
  }

  /** The nearest bfloat16, ties to even; what is no number stays none. */
  static short fromFloat(float x) {
    int bits = Float.floatToRawIntBits(x);
    if (Float.isNaN(x)) {
      return (short) (bits >> 16 | 64);
    }
    return (short) (bits + (0x7FFF + (bits >>> 16 & 1)) >> 16);
  }
}
