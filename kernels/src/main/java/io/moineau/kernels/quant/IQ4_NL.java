package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 weights of 4 bits by a table of unequal steps and one scale: half d, nibbles q[16]; {@code w =
 * d * table[q]}. The low nibbles are weights 0 to 15.
 */
final class IQ4_NL implements BlockCodec {
  @Override
  public DType type() {
    return DType.IQ4_NL;
  }

  // kvalues_iq4nl of ggml-common.h.
  private static final byte[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  /** The level of a code of 0 to 15, ascending. */
  static int level(int code) {
    return LEVELS[code];
  }

  @Override
  public void dequantizeBlock(MemorySegment source, long offset, float[] target, int targetOffset) {
    float d = LittleEndian.f16(source, offset);
    for (int i = 0; i < 16; i++) {
      int q = LittleEndian.u8(source, offset + 2 + i);
      target[targetOffset + i] = d * LEVELS[q & 15];
      target[targetOffset + i + 16] = d * LEVELS[q >> 4];
    }
  }
}
