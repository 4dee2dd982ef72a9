package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.ymm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/** Blocks of 32 weights with one scale: layouts of {@code ggml-common.h}. */
final class BlockDot implements DotKernels.DotBlock {
  private static final Vec CODES = ymm(8);
  private static final Vec SCALE = ymm(9);
  private static final Vec DOT = ymm(10); // and 11
  private static final Vec FACTOR = ymm(12);
  private static final Vec MASK = ymm(15);
  private static final Vec TABLE = ymm(13);

  private final DotKernels k;
  private final Assembler a;
  private final DType type;

  BlockDot(DotKernels k, DType type) {
    this.k = k;
    this.a = k.a;
    this.type = type;
  }

  @Override
  public int weightBytes() {
    return type.blockBytes();
  }

  @Override
  public int activationBytes() {
    return 32;
  }

  @Override
  public float minimumFactor() {
    return switch (type) {
      case Q4_0 -> -8;
      case Q5_0 -> -16;
      case Q4_1, Q5_1 -> 1;
      default -> 0;
    };
  }

  private boolean signed() {
    return type == DType.Q8_0 || table();
  }

  private boolean table() {
    return type == DType.IQ4_NL || type == DType.MXFP4;
  }

  @Override
  public void prepare() {
    if (type != DType.Q8_0) {
      a.op(Op.VMOVDQU, MASK, a.repeated(0x0F0F_0F0F, 8));
    }
    if (table()) {
      a.op(Op.VMOVDQU, TABLE, Tables.of(a, type));
    }
  }

  @Override
  public void block() {
    for (int r = 0; r < k.rows; r++) {
      Gpr w = DotKernels.WEIGHT[r];
      codes(w);
      scale(w);
      Vec magnitude = CODES;
      Vec signs = ymm(12);
      if (signed()) {
        a.op(Op.VMOVDQU, signs, CODES);
        a.op(Op.VPABSB, magnitude, CODES);
      }
      for (int n = 0; n < k.acts; n++) {
        Gpr x = DotKernels.X[n];
        Mem codes = Mem.at(x, 0);
        if (signed()) {
          k.signedProducts(DOT, magnitude, signs, codes);
        } else {
          k.products(DOT, CODES, codes);
        }
        Vec factor = signed() ? ymm(11) : FACTOR;
        a.op(Op.VBROADCASTSS, factor, k.scale(n, 0));
        a.op(Op.VMULPS, factor, factor, SCALE);
        a.op(Op.VFMADD231PS, k.sum(r, n), DOT, factor);
      }
      if (minimumFactor() != 0) {
        Vec minimum = SCALE;
        if (type == DType.Q4_1 || type == DType.Q5_1) {
          minimum = CODES;
          Emit.half(a, minimum.as(128), Mem.at(w, 2));
        }
        for (int n = 0; n < k.acts; n++) {
          a.op(Op.VFMADD231SS, k.minimum(r, n).as(128), minimum.as(128), k.sum32(n, 0));
        }
      }
    }
  }

  private void scale(Gpr w) {
    if (type == DType.MXFP4) {
      Tables.exponent(a, SCALE, Mem.at(w, 0));
    } else {
      Emit.half(a, SCALE, Mem.at(w, 0));
    }
  }

  /** The block's 32 codes in order, one per byte. */
  private void codes(Gpr w) {
    if (type == DType.Q8_0) {
      a.op(Op.VMOVDQU, CODES, Mem.at(w, 2));
      return;
    }
    int nibbles =
        switch (type) {
          case Q4_0, IQ4_NL -> 2;
          case MXFP4 -> 1;
          case Q4_1 -> 4;
          case Q5_0 -> 6;
          default -> 8;
        };
    Tables.nibbles(a, CODES, Mem.at(w, nibbles), MASK);
    if (table()) {
      a.op(Op.VPSHUFB, CODES, TABLE, CODES);
    } else if (type == DType.Q5_0 || type == DType.Q5_1) {
      fifthBits(w, nibbles - 4);
    }
  }

  /** Adds 16 where bit i of the 32 bits at {@code at} is set. */
  private void fifthBits(Gpr w, int at) {
    Vec bits = ymm(10);
    a.op(Op.VPBROADCASTD, bits, Mem.at(w, at));
    // Byte i / 8 of the word to byte i; of it bit i % 8 is looked at.
    a.op(
        Op.VPSHUFB,
        bits,
        bits,
        a.constant(
            0, 0, 0x0101_0101, 0x0101_0101, 0x0202_0202, 0x0202_0202, 0x0303_0303, 0x0303_0303));
    Mem bitOfByte =
        a.constant(
            0x0804_0201,
            0x8040_2010,
            0x0804_0201,
            0x8040_2010,
            0x0804_0201,
            0x8040_2010,
            0x0804_0201,
            0x8040_2010);
    a.op(Op.VPAND, bits, bits, bitOfByte);
    a.op(Op.VPCMPEQB, bits, bits, bitOfByte);
    a.op(Op.VPAND, bits, bits, a.repeated(0x1010_1010, 8));
    a.op(Op.VPOR, CODES, CODES, bits);
  }
}
