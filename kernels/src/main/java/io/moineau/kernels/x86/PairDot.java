package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * Blocks of 32 weights with one scale, two at a time in vectors of 512 bits, times one to four
 * activations. Needs AVX-512 VNNI.
 *
 * <p>Codes are unsigned, too large by an offset; what that makes too much is the same for all rows,
 * so the sums begin with its negative.
 */
final class PairDot implements DotKernels.DotBlock {
  /** Rows that are read at once. */
  static final int ROWS = 4;

  // 0 to 15: sums, row by row
  private static final int BEGIN = 16; // what integer sums begin with, per activation
  private static final int SCALE_X = 20; // the activation's two scales, per activation
  private static final Vec CODES = zmm(24);
  private static final Vec HIGH = zmm(25);
  private static final Vec DOT = zmm(26);
  private static final Vec SCALE_W = zmm(27);
  private static final Vec FACTOR = zmm(28);
  private static final Vec WORDS = zmm(29);
  private static final Vec TABLE = zmm(30);
  private static final Vec MASK = zmm(31);

  private final DotKernels k;
  private final Assembler a;
  private final DType type;

  PairDot(DotKernels k, DType type) {
    this.k = k;
    this.a = k.a;
    this.type = type;
  }

  static boolean supports(Isa isa, DType type) {
    return isa.avx512Vnni() && (type == DType.Q4_0 || type == DType.Q8_0 || type == DType.IQ4_NL);
  }

  @Override
  public int weightBytes() {
    return 2 * type.blockBytes();
  }

  @Override
  public int activationBytes() {
    return 64;
  }

  @Override
  public void prepare() {
    // The scale of the first block is word 0, that of the second lies a block behind.
    int second = type.blockBytes() / 2;
    int[] words = new int[16];
    for (int i = 0; i < 8; i++) {
      words[i] = i < 4 ? 0 : second | second << 16;
    }
    a.op(Op.VMOVDQU, WORDS, a.constant(words));
    a.op(Op.VPBROADCASTD, MASK, a.constant(type == DType.Q8_0 ? 0x8080_8080 : 0x0F0F_0F0F));
    if (type == DType.IQ4_NL) {
      a.op(Op.VBROADCASTI128, TABLE, Tables.of(a, type, 128));
    }
  }

  @Override
  public void block() {
    blocks(true);
  }

  /** The code for one block, where their number is odd. */
  DotKernels.DotBlock odd() {
    return new DotKernels.DotBlock() {
      @Override
      public void block() {
        blocks(false);
      }

      @Override
      public int weightBytes() {
        return type.blockBytes();
      }

      @Override
      public int activationBytes() {
        return 32;
      }
    };
  }

  /**
   * Two blocks of each row, or one: then the upper lanes hold what lies behind, which the upper
   * half of {@link #SCALE_W}, zero, takes away.
   */
  private void blocks(boolean two) {
    a.op(Op.VMOVDQU, FACTOR, a.constant(0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1));
    a.op(Op.VPBROADCASTD, HIGH, a.constant(0x0101_0101 * (type == DType.Q4_0 ? 8 : 128)));
    for (int n = 0; n < k.acts; n++) {
      a.op(Op.VPERMPS, zmm(SCALE_X + n), FACTOR, k.scale(n, 0));
      Emit.zero(a, DOT);
      a.op(Op.VPDPBUSD, DOT, HIGH, codes(n));
      Emit.zero(a, zmm(BEGIN + n));
      a.op(Op.VPSUBD, zmm(BEGIN + n), zmm(BEGIN + n), DOT);
    }
    for (int r = 0; r < k.rows; r++) {
      Gpr w = DotKernels.WEIGHT[r];
      weights(w, two);
      for (int n = 0; n < k.acts; n++) {
        a.op(Op.VMOVDQU, DOT, zmm(BEGIN + n));
        a.op(Op.VPDPBUSD, DOT, CODES, codes(n));
        a.op(Op.VCVTDQ2PS, DOT, DOT);
        a.op(Op.VMULPS, FACTOR, SCALE_W, zmm(SCALE_X + n));
        a.op(Op.VFMADD231PS, zmm(r * k.acts + n), DOT, FACTOR);
      }
    }
  }

  private static Mem codes(int act) {
    return Mem.at(DotKernels.X[act], 0);
  }

  /** Codes and scales of a row. */
  private void weights(Gpr w, boolean two) {
    int next = type.blockBytes();
    if (type == DType.Q8_0) {
      a.op(Op.VMOVDQU, CODES.as(256), Mem.at(w, 2));
      if (two) {
        a.op(Op.VINSERTI64X4, CODES, CODES, Mem.at(w, 2 + next), 1);
      }
      a.op(Op.VPXOR, CODES, CODES, MASK);
    } else {
      a.op(Op.VBROADCASTI128, CODES.as(256), Mem.at(w, 2));
      if (two) {
        a.op(Op.VBROADCASTI128, HIGH.as(256), Mem.at(w, 2 + next));
        a.op(Op.VINSERTI64X4, CODES, CODES, HIGH.as(256), 1);
      }
      Mem shifts = a.constant(0, 0, 0, 0, 4, 0, 4, 0, 0, 0, 0, 0, 4, 0, 4, 0);
      a.op(Op.VPSRLVQ, CODES, CODES, shifts);
      a.op(Op.VPAND, CODES, CODES, MASK);
      if (type == DType.IQ4_NL) {
        a.op(Op.VPSHUFB, CODES, TABLE, CODES);
      }
    }
    if (two) {
      int bits = type == DType.Q8_0 ? 512 : 256; // no more than two blocks have
      a.op(Op.VPERMW, SCALE_W.as(bits), WORDS.as(bits), Mem.at(w, 0));
      a.op(Op.VCVTPH2PS, SCALE_W, SCALE_W.as(256));
    } else {
      Emit.half(a, SCALE_W.as(256), Mem.at(w, 0));
    }
  }
}
