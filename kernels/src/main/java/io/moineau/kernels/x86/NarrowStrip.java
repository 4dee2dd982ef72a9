package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.ymm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * What {@link StripPack} and {@link StripProduct} do, with AVX2: eight rows are the lanes of a
 * vector, and two such groups meet one to three activations. For types of 4 bits, whose codes of 0
 * to 15 let eight products of pairs be summed in 16 bits: 8 * 2 * 15 * 127 < 2^15.
 *
 * <p>A unit of 32 columns is eight vectors of codes, one of scales, one of minima.
 */
final class NarrowStrip {
  /** Bytes of a unit of eight rows. */
  static final int UNIT = 320;

  /** Rows of a group. */
  static final int ROWS = 8;

  static final int MOST_ACTIVATIONS = 3;

  private static final int SCALES = 256;
  private static final int STRIDE = StripProduct.GROUPS * UNIT; // units of the groups take turns

  private final Assembler a;

  private NarrowStrip(Assembler a) {
    this.a = a;
  }

  static boolean supports(DType type) {
    return type == DType.Q4_0 || type == DType.Q4_1 || type == DType.Q4_K;
  }

  // --- packing ----------------------------------------------------------------------------------

  private static final Gpr[] BASE = {Gpr.RSI, Gpr.R8};
  private static final Gpr PACKED = Gpr.R11;
  private static final Gpr AHEAD = Gpr.RDI; // the arguments are read by then
  private static final Vec D = ymm(12);
  private static final Vec D_MIN = ymm(13);
  private static final Vec MASK = ymm(15);

  /** Code with the arguments of {@link StripPack}, for eight rows. */
  static int assemblePack(Assembler a, DType type) {
    final int entry = a.begin("pack_narrow_" + type);
    new NarrowStrip(a).pack(type);
    return entry;
  }

  private void pack(DType type) {
    a.mov(BASE[0], Mem.at(Gpr.RDI, StripPack.WEIGHTS));
    a.mov(Gpr.RDX, Mem.at(Gpr.RDI, StripPack.ROW_BYTES));
    a.mov(Gpr.RAX, Mem.at(Gpr.RDI, StripPack.BLOCKS));
    a.mov(PACKED, Mem.at(Gpr.RDI, StripPack.STRIP));
    a.lea(Gpr.RCX, Mem.at(Gpr.RDX, Gpr.RDX, 2, 0));
    a.lea(BASE[1], Mem.at(BASE[0], Gpr.RDX, 4, 0));
    a.lea(AHEAD, Mem.at(BASE[0], Gpr.RDX, 8, 0)); // the rows that will be packed next
    a.op(Op.VMOVDQU, MASK, a.repeated(0x0F0F_0F0F, 8));
    int step = ROWS * type.blockBytes();
    Label next = a.label();
    a.bind(next);
    for (int line = 0; line < step; line += 64) {
      a.prefetcht0(Mem.at(AHEAD, line));
    }
    a.add(AHEAD, step);
    if (type == DType.Q4_K) {
      superBlock();
    } else {
      block(type);
    }
    for (Gpr base : BASE) {
      a.add(base, type.blockBytes());
    }
    a.add(PACKED, STRIDE * (type.blockSize() / 32));
    a.sub(Gpr.RAX, 1);
    a.jump(Assembler.Condition.NE, next);
    a.vzeroupper();
    a.ret();
  }

  /** Word i of 16 bytes at an offset of each row's block to register i, for 4 words. */
  private void transpose(int at) {
    for (int i = 0; i < 4; i++) {
      Vec v = ymm(4 + i);
      a.op(Op.VMOVDQU, v.as(128), row(0, i, at));
      a.op(Op.VINSERTI128, v, v, row(1, i, at), 1);
    }
    a.op(Op.VPUNPCKLDQ, ymm(8), ymm(4), ymm(5));
    a.op(Op.VPUNPCKHDQ, ymm(9), ymm(4), ymm(5));
    a.op(Op.VPUNPCKLDQ, ymm(10), ymm(6), ymm(7));
    a.op(Op.VPUNPCKHDQ, ymm(11), ymm(6), ymm(7));
    a.op(Op.VPUNPCKLQDQ, ymm(0), ymm(8), ymm(10));
    a.op(Op.VPUNPCKHQDQ, ymm(1), ymm(8), ymm(10));
    a.op(Op.VPUNPCKLQDQ, ymm(2), ymm(9), ymm(11));
    a.op(Op.VPUNPCKHQDQ, ymm(3), ymm(9), ymm(11));
  }

  private static Mem row(int lane, int i, int at) {
    return switch (i) {
      case 0 -> Mem.at(BASE[lane], at);
      case 1 -> Mem.at(BASE[lane], Gpr.RDX, 1, at);
      case 2 -> Mem.at(BASE[lane], Gpr.RDX, 2, at);
      default -> Mem.at(BASE[lane], Gpr.RCX, 1, at);
    };
  }

  /** The 16-bit float in the low or high half of each word. */
  private void halves(Vec to, Vec words, boolean high) {
    int pairs = high ? 0x0706_0302 : 0x0504_0100;
    int later = high ? 0x0F0E_0B0A : 0x0D0C_0908;
    Mem pick = a.constant(pairs, later, -1, -1, pairs, later, -1, -1);
    a.op(Op.VPSHUFB, to, words, pick);
    a.op(Op.VPERMQ, to, to, 0x08); // the first eight bytes of each half
    a.op(Op.VCVTPH2PS, to, to.as(128));
  }

  private void put(int unit, int j, Vec codes) {
    a.op(Op.VMOVDQU_STORE, Mem.at(PACKED, unit * STRIDE + 32 * j), codes);
  }

  private void putScales(int unit, Vec scale, Vec minimum) {
    a.op(Op.VMOVUPS_STORE, Mem.at(PACKED, unit * STRIDE + SCALES), scale);
    a.op(Op.VMOVUPS_STORE, Mem.at(PACKED, unit * STRIDE + SCALES + 32), minimum);
  }

  /** Low nibbles of the four transposed words to one unit, high nibbles to the same or another. */
  private void nibbles(int lowUnit, int lowAt, int highUnit, int highAt) {
    for (int i = 0; i < 4; i++) {
      a.op(Op.VPAND, ymm(4), ymm(i), MASK);
      a.op(Op.VPSRLW, ymm(5), ymm(i), 4);
      a.op(Op.VPAND, ymm(5), ymm(5), MASK);
      put(lowUnit, lowAt + i, ymm(4));
      put(highUnit, highAt + i, ymm(5));
    }
  }

  private void block(DType type) {
    transpose(0);
    halves(D, ymm(0), false);
    if (type == DType.Q4_1) {
      halves(D_MIN, ymm(0), true);
    } else {
      a.op(Op.VMULPS, D_MIN, D, Emit.all(a, D, -8));
    }
    putScales(0, D, D_MIN);
    transpose(type.blockBytes() - 16);
    nibbles(0, 0, 0, 4);
  }

  /** {@code to = (words >> bit) & mask}. */
  private void bits(Vec to, Vec words, int bit, int mask) {
    a.op(Op.VPSRLD, to, words, bit);
    a.op(Op.VPAND, to, to, a.repeated(mask, 8));
  }

  private void superBlock() {
    Vec scale = ymm(4);
    Vec minimum = ymm(5);
    Vec top = ymm(6);
    transpose(0);
    halves(D, ymm(0), false);
    halves(D_MIN, ymm(0), true);
    for (int j = 0; j < 8; j++) {
      int at = 8 * (j % 4);
      if (j < 4) {
        bits(scale, ymm(1), at, 63);
        bits(minimum, ymm(2), at, 63);
      } else {
        bits(scale, ymm(3), at, 15);
        bits(top, ymm(1), at + 6, 3);
        a.op(Op.VPSLLD, top, top, 4);
        a.op(Op.VPOR, scale, scale, top);
        bits(minimum, ymm(3), at + 4, 15);
        bits(top, ymm(2), at + 6, 3);
        a.op(Op.VPSLLD, top, top, 4);
        a.op(Op.VPOR, minimum, minimum, top);
      }
      a.op(Op.VCVTDQ2PS, scale, scale);
      a.op(Op.VCVTDQ2PS, minimum, minimum);
      a.op(Op.VMULPS, scale, scale, D);
      a.op(Op.VMULPS, minimum, minimum, D_MIN);
      a.op(Op.VPXOR, minimum, minimum, a.repeated(0x8000_0000, 8));
      putScales(j, scale, minimum);
    }
    for (int part = 0; part < 8; part++) {
      transpose(16 + 16 * part);
      int low = part / 2 * 2;
      nibbles(low, part % 2 * 4, low + 1, part % 2 * 4);
    }
  }

  // --- the product ------------------------------------------------------------------------------

  /** Code with the arguments of {@link StripProduct}. */
  static int assembleProduct(Assembler a, int acts) {
    final int entry = a.begin("strip_narrow_x" + acts);
    new NarrowStrip(a).product(acts);
    return entry;
  }

  private void product(int acts) {
    Gpr[] x = {Gpr.RSI, Gpr.RDX, Gpr.RCX};
    Gpr strip = Gpr.R8;
    Gpr codes = Gpr.R9;
    Gpr scales = Gpr.R10;
    Gpr sums = Gpr.R11;
    Gpr units = Gpr.RAX;
    Gpr out = Gpr.R13;
    Emit.enter(a);
    a.mov(out, Mem.at(Gpr.RDI, StripProduct.OUT));
    a.mov(Gpr.R14, Mem.at(Gpr.RDI, StripProduct.OUT_STRIDE));
    Label nextActivations = a.label();
    a.bind(nextActivations);
    a.mov(strip, Mem.at(Gpr.RDI, StripProduct.ACTIVATIONS));
    for (int n = 0; n < acts; n++) {
      a.mov(x[n], Mem.at(strip, 8 * n));
    }
    a.add(strip, 8 * acts);
    a.mov(Mem.at(Gpr.RDI, StripProduct.ACTIVATIONS), strip);
    a.mov(strip, Mem.at(Gpr.RDI, StripProduct.STRIP));
    a.mov(units, Mem.at(Gpr.RDI, StripProduct.UNITS));
    a.mov(codes, Mem.at(Gpr.RDI, StripProduct.CODES_AT));
    a.mov(scales, Mem.at(Gpr.RDI, StripProduct.SCALES_AT));
    a.mov(sums, Mem.at(Gpr.RDI, StripProduct.SUMS_AT));
    int all = StripProduct.GROUPS * acts;
    for (int i = 0; i < all; i++) {
      Emit.zero(a, ymm(6 + i));
    }
    Label next = a.label();
    a.bind(next);
    Vec element = ymm(14);
    Vec scratch = ymm(15);
    for (int j = 0; j < 8; j++) {
      for (int g = 0; g < StripProduct.GROUPS; g++) {
        a.op(Op.VMOVDQU, ymm(12 + g), Mem.at(strip, g * UNIT + 32 * j));
      }
      for (int n = 0; n < acts; n++) {
        a.op(Op.VPBROADCASTD, element, Mem.at(x[n], codes, 1, 4 * j));
        for (int g = 0; g < StripProduct.GROUPS; g++) {
          Vec sum = ymm(g * acts + n);
          if (j == 0) {
            a.op(Op.VPMADDUBSW, sum, ymm(12 + g), element);
          } else {
            a.op(Op.VPMADDUBSW, scratch, ymm(12 + g), element);
            a.op(Op.VPADDW, sum, sum, scratch);
          }
        }
      }
    }
    for (int g = 0; g < StripProduct.GROUPS; g++) {
      a.op(Op.VMOVUPS, ymm(12), Mem.at(strip, g * UNIT + SCALES));
      a.op(Op.VMOVUPS, ymm(13), Mem.at(strip, g * UNIT + SCALES + 32));
      for (int n = 0; n < acts; n++) {
        Vec sum = ymm(g * acts + n);
        Vec total = ymm(6 + g * acts + n);
        a.op(Op.VPMADDWD, sum, sum, a.repeated(0x0001_0001, 8));
        a.op(Op.VCVTDQ2PS, sum, sum);
        a.op(Op.VBROADCASTSS, element, Mem.at(x[n], scales, 1, 0));
        a.op(Op.VMULPS, element, element, ymm(12));
        a.op(Op.VFMADD231PS, total, sum, element);
        a.op(Op.VBROADCASTSS, element, Mem.at(x[n], sums, 1, 0));
        a.op(Op.VFMADD231PS, total, element, ymm(13));
      }
    }
    a.add(strip, STRIDE);
    a.add(codes, 32);
    a.add(scales, 4);
    a.add(sums, 4);
    a.sub(units, 1);
    a.jump(Assembler.Condition.NE, next);
    for (int n = 0; n < acts; n++) {
      for (int g = 0; g < StripProduct.GROUPS; g++) {
        a.op(Op.VMOVUPS_STORE, Mem.at(out, 32 * g), ymm(6 + g * acts + n));
      }
      a.add(out, Gpr.R14);
    }
    a.mov(units, Mem.at(Gpr.RDI, StripProduct.TIMES));
    a.sub(units, 1);
    a.mov(Mem.at(Gpr.RDI, StripProduct.TIMES), units);
    a.jump(Assembler.Condition.NE, nextActivations);
    Emit.leave(a);
  }
}
