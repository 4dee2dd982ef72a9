package io.moineau.kernels.x86;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;
import java.lang.foreign.MemorySegment;

/** Codes of four bits, the signed values that they stand for in some types, and MXFP4's scale. */
final class Tables {
  private static final float SMALLEST = 0x1p-128f;
  private static final float LARGEST = 0x1p127f;

  private Tables() {}

  /** Sixteen signed bytes, in both halves of 256 bits. */
  static Mem of(Assembler a, DType type) {
    return of(a, type, 0);
  }

  /** The same plus {@code offset}, which may make them unsigned. */
  static Mem of(Assembler a, DType type, int offset) {
    byte[] values = values(type);
    int[] words = new int[8];
    for (int i = 0; i < 32; i++) {
      words[i / 4] |= (values[i % 16] + offset & 0xFF) << 8 * (i % 4);
    }
    return a.constant(words);
  }

  /** What the codec makes of each code under a scale of 1. */
  private static byte[] values(DType type) {
    DType blocks = type == DType.IQ4_XS ? DType.IQ4_NL : type; // the same table
    byte[] block = new byte[blocks.blockBytes()];
    int codes = blocks.blockBytes() - 16;
    if (blocks == DType.MXFP4) {
      block[0] = (byte) 128; // 2^0
    } else {
      block[1] = 0x3C; // 1 as a float of 16 bits
    }
    for (int i = 0; i < 16; i++) {
      block[codes + i] = (byte) i;
    }
    float[] weights = new float[32];
    BlockCodecs.of(blocks).dequantize(MemorySegment.ofArray(block), 0, weights, 0, 32);
    byte[] values = new byte[16];
    for (int i = 0; i < 16; i++) {
      values[i] = (byte) weights[i];
    }
    return values;
  }

  /** The 16 low nibbles of 16 bytes, then the 16 high ones. */
  static void nibbles(Assembler a, Vec to, Mem from, Vec mask) {
    a.op(Op.VBROADCASTI128, to, from);
    a.op(Op.VPSRLVQ, to, to, a.constant(0, 0, 0, 0, 4, 0, 4, 0)); // bits of a neighbour are masked
    a.op(Op.VPAND, to, to, mask);
  }

  /** {@code 2^(e - 128)} in all lanes for the byte e at an address. */
  static void exponent(Assembler a, Vec to, Mem from) {
    a.op(Op.VPBROADCASTB, to, from);
    a.op(Op.VPSLLD, to, to, 24);
    a.op(Op.VPSRLD, to, to, 1);
    halve(a, to);
  }

  /** {@code 2^(e - 128)} of {@code e << 23}: exact where e is 0, 1 or 255 too. */
  static void halve(Assembler a, Vec to) {
    int lanes = to.bits() / 32;
    a.op(Op.VMULPS, to, to, a.repeated(Float.floatToRawIntBits(0.5f), lanes));
    a.op(Op.VMAXPS, to, to, a.repeated(Float.floatToRawIntBits(SMALLEST), lanes));
    a.op(Op.VMINPS, to, to, a.repeated(Float.floatToRawIntBits(LARGEST), lanes));
  }
}
