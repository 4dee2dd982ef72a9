package io.moineau.kernels.quant;

import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/**
 * 32 weights of 4 bits by a table of unequal steps and one scale: half d, nibbles q[16]; {@code w =
 * d * table[q]}. The low nibbles are weights 0 to 15.
 */
final class IQ4_NL implements BlockEncoder {
  @Override
  public DType type() {
    return DType.IQ4_NL;
  }

  // kvalues_iq4nl of ggml-common.h.
  private static final byte[] LEVELS = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  // By the whole part of x, counted from the lowest level: the code of the first level above x, or
  // 15.
  private static final byte[] ABOVE = above();

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

  @Override
  public void quantizeBlock(
      float[] source, int sourceOffset, MemorySegment target, long targetOffset) {
    float d = fit(source, sourceOffset);
    LittleEndian.putF16(target, targetOffset, d);
    writeCodes(source, sourceOffset, Rounding.inverse(d), target, targetOffset + 2);
  }

  /**
   * The scale of 32 weights: of 16 steps tried, the one of least squares, weighted by the squares
   * of the weights (llama.cpp's {@code quantize_row_iq4_nl_impl}).
   */
  static float fit(float[] x, int at) {
    float extreme = SymmetricSearch.extreme(x, at, 32);
    if (Math.abs(extreme) < SymmetricSearch.TINY) {
      return 0;
    }
    float best = 0;
    float scale = 0;
    for (int attempt = -8; attempt <= 7; attempt++) {
      // First the extreme weight as the lowest level, then levels around it as if of its sign.
      float inverse = attempt == -8 ? 1 / (-extreme / LEVELS[0]) : (attempt + LEVELS[0]) / extreme;
      float sumQx = 0;
      float sumQ2 = 0;
      for (int i = at; i < at + 32; i++) {
        float q = LEVELS[nearest(inverse * x[i])];
        float w = x[i] * x[i];
        sumQx += w * q * x[i];
        sumQ2 += w * q * q;
      }
      if (sumQ2 > 0 && (attempt == -8 || sumQx * sumQx > best * sumQ2)) {
        scale = sumQx / sumQ2;
        best = scale * sumQx;
      }
    }
    return scale;
  }

  /** Writes the nearest codes of 32 weights to 16 bytes. */
  static void writeCodes(float[] x, int from, float inverse, MemorySegment target, long at) {
    for (int i = 0; i < 16; i++) {
      int q0 = nearest(inverse * x[from + i]);
      int q1 = nearest(inverse * x[from + i + 16]);
      LittleEndian.putU8(target, at + i, q0 | q1 << 4);
    }
  }

  /** The code of the level nearest to {@code x}; of two as near, the upper. */
  private static int nearest(float x) {
    if (x <= LEVELS[0]) {
      return 0;
    }
    int above = ABOVE[(int) Math.floor(Math.min(x, LEVELS[15])) - LEVELS[0]];
    return x - LEVELS[above - 1] < LEVELS[above] - x ? above - 1 : above;
  }

  private static byte[] above() {
    byte[] above = new byte[LEVELS[15] - LEVELS[0] + 1];
    int code = 1;
    for (int i = 0; i < above.length; i++) {
      while (code < 15 && i + LEVELS[0] >= LEVELS[code]) {
        code++;
      }
      above[i] = (byte) code;
    }
    return above;
  }
}
