package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 256 ternary weights, five to a byte: q[48], high[4], half d; {@code w = (digit - 1) * d}. A byte
 * is a fraction of 256 in base 3, rounded up, whose first digit is the whole part of three times
 * it. Weights come in runs of 5 x 32, 5 x 16 and 4 x 4: digit n of byte i is weight n * width + i
 * of its run.
 */
final class TQ1_0 implements BlockCodec {
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
}
