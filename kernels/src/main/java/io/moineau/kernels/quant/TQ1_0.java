package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 ternary weights, five to a byte: q[48], high[4], half d; {@code w = (digit - 1) * d}. A byte
 * is a fraction of 256 in base 3, rounded up, whose first digit is the whole part of three times
 * it. Weights come in runs of 5 x 32, 5 x 16 and 4 x 4: digit n of byte i is weight n * width + i
 * of its run.
 */
final class TQ1_0 implements BlockEncoder {
  @Override
  public DType type() {
    return DType.TQ1_0;
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset + 52);
    run(source, offset, 32, 5, d, target, targetOffset);
    run(source, offset + 32, 16, 5, d, target, targetOffset + 160);
    run(source, offset + 48, 4, 4, d, target, targetOffset + 240);
  }

  private static void run(
      MemorySegment source, long at, int width, int digits, float d, float[] target, int to) {
    int power = 1;
    for (int n = 0; n < digits; n++) {
      for (int i = 0; i < width; i++) {
        int fraction = LittleEndian.u8(source, at + i) * power & 0xFF;
        target[to + n * width + i] = ((fraction * 3 >> 8) - 1) * d;
      }
      power *= 3;
    }
  }

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float d = Rounding.largest(source, sourceOffset, 256);
    float inverse = Rounding.inverse(d);
    writeRun(source, sourceOffset, 32, 5, inverse, target, targetOffset);
    writeRun(source, sourceOffset + 160, 16, 5, inverse, target, targetOffset + 32);
    writeRun(source, sourceOffset + 240, 4, 4, inverse, target, targetOffset + 48);
    LittleEndian.putF16(target, targetOffset + 52, d);
  }

  private static void writeRun(
      float[] source,
      int from,
      int width,
      int digits,
      float inverse,
      MemorySegment target,
      long to) {
    for (int i = 0; i < width; i++) {
      int number = 0;
      for (int n = 0; n < 5; n++) {
        int digit = n < digits ? Rounding.away(source[from + n * width + i] * inverse) + 1 : 0;
        number = 3 * number + digit;
      }
      LittleEndian.putU8(target, to + i, (number * 256 + 242) / 243);
    }
  }
}
