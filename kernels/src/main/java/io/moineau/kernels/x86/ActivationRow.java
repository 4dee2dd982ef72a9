package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.ymm;

import io.moineau.kernels.ActivationRounding;
import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;

/**
 * Rows of rounded activations as the kernels here read them, and the code that makes them.
 *
 * <p>A row of K columns holds K codes q (signed bytes), the same plus 128 (unsigned, for products
 * with signed weights), then floats: per 32 columns the scale d, per 32 columns {@code d * (q0 + q1
 * + ...)}, and the same sum per 16 columns. With the sums a weight type's minimum or offset is
 * multiplied. Last come integers: per 16 columns {@code -8 * (q0 + q1 + ...)}, from which sums of
 * products begin whose codes are too large by 8, or by 32.
 */
final class ActivationRow {
  /** The number of this packing. */
  static final int ROUNDED = 16;

  private static final Gpr FLOATS = Gpr.RDI;
  private static final Gpr CODES = Gpr.RDX;
  private static final Gpr UNSIGNED = Gpr.RCX;
  private static final Gpr SCALES = Gpr.R8;
  private static final Gpr SUMS_32 = Gpr.R9;
  private static final Gpr SUMS_16 = Gpr.R10;
  private static final Gpr OFFSETS = Gpr.R11;

  /** Kernels may read so many bytes behind a row. */
  private static final int SLACK = 64;

  private ActivationRow() {}

  static long bytes(int columns) {
    return offsets(columns) + columns / 4 + SLACK + 63 & -64;
  }

  /** Where the unsigned codes are. */
  static long unsigned(int columns) {
    return columns;
  }

  /** Where the scales are. */
  static long scales(int columns) {
    return 2L * columns;
  }

  /** Where the sums of 32 are. */
  static long sums32(int columns) {
    return scales(columns) + columns / 8;
  }

  /** Where the sums of 16 are. */
  static long sums16(int columns) {
    return sums32(columns) + columns / 8;
  }

  /** Where the integers are that sums of products begin from. */
  static long offsets(int columns) {
    return sums16(columns) + columns / 4;
  }

  /** Code of (floats, blocks of 32, row) that rounds as {@link ActivationRounding} defines. */
  static int assemble(Assembler a) {
    final int entry = a.begin("round");
    Operand.Label next = a.label();
    Operand.Label end = a.label();
    a.test(Gpr.RSI, Gpr.RSI);
    a.jump(Assembler.Condition.E, end);
    a.mov(Gpr.RAX, Gpr.RSI);
    a.shl(Gpr.RAX, 5);
    a.lea(UNSIGNED, Mem.at(CODES, Gpr.RAX, 1, 0));
    a.lea(SCALES, Mem.at(CODES, Gpr.RAX, 2, 0));
    a.lea(SUMS_32, Mem.at(SCALES, Gpr.RSI, 4, 0));
    a.lea(SUMS_16, Mem.at(SUMS_32, Gpr.RSI, 4, 0));
    a.lea(OFFSETS, Mem.at(SUMS_16, Gpr.RSI, 8, 0));
    a.bind(next);
    block(a);
    a.add(FLOATS, 128);
    a.add(CODES, 32);
    a.add(UNSIGNED, 32);
    a.add(SCALES, 4);
    a.add(SUMS_32, 4);
    a.add(SUMS_16, 8);
    a.add(OFFSETS, 8);
    a.sub(Gpr.RSI, 1);
    a.jump(Assembler.Condition.NE, next);
    a.bind(end);
    a.vzeroupper();
    a.ret();
    return entry;
  }

  private static void block(Assembler a) {
    Vec max = ymm(4);
    Vec other = ymm(5);
    Vec scale = ymm(6);
    Mem magnitude = a.repeated(0x7FFF_FFFF, 8);
    for (int i = 0; i < 4; i++) {
      a.op(Op.VMOVUPS, ymm(i), Mem.at(FLOATS, 32 * i));
    }
    // Magnitudes compare as integers too, and so NaN is the largest of all and is not lost.
    a.op(Op.VPAND, max, ymm(0), magnitude);
    for (int i = 1; i < 4; i++) {
      a.op(Op.VPAND, other, ymm(i), magnitude);
      a.op(Op.VPMAXSD, max, max, other);
    }
    a.op(Op.VPERM2I128, other, max, max, 1);
    a.op(Op.VPMAXSD, max, max, other);
    a.op(Op.VPSHUFD, other, max, 0x4E);
    a.op(Op.VPMAXSD, max, max, other);
    a.op(Op.VPSHUFD, other, max, 0xB1);
    a.op(Op.VPMAXSD, max, max, other);

    Vec notTiny = ymm(7);
    int tiny = Float.floatToRawIntBits(ActivationRounding.TINY);
    a.op(Op.VMOVDQU, notTiny, a.repeated(tiny - 1, 8));
    a.op(Op.VPCMPGTD, notTiny, max, notTiny);
    Vec inverse = ymm(5);
    a.op(Op.VMOVUPS, inverse, a.repeated(Float.floatToRawIntBits(127), 8));
    a.op(Op.VDIVPS, scale, max, inverse);
    a.op(Op.VDIVPS, inverse, inverse, max);
    a.op(Op.VPAND, inverse, inverse, notTiny);
    a.op(Op.VPAND, scale, scale, notTiny);
    a.op(Op.VSUBPS, max, max, max); // 0; NaN for NaN and infinity, which spoils the whole block
    a.op(Op.VADDPS, scale, scale, max);

    for (int i = 0; i < 4; i++) {
      a.op(Op.VMULPS, ymm(i), ymm(i), inverse);
      a.op(Op.VCVTPS2DQ, ymm(i), ymm(i)); // to the nearest, ties to even
    }
    a.op(Op.VPACKSSDW, ymm(0), ymm(0), ymm(1));
    a.op(Op.VPACKSSDW, ymm(2), ymm(2), ymm(3));
    a.op(Op.VPACKSSWB, ymm(0), ymm(0), ymm(2));
    a.op(Op.VMOVDQU, ymm(1), a.constant(0, 4, 1, 5, 2, 6, 3, 7));
    a.op(Op.VPERMD, ymm(0), ymm(1), ymm(0));
    a.op(Op.VMOVDQU_STORE, Mem.at(CODES, 0), ymm(0));
    a.op(Op.VPXOR, ymm(1), ymm(0), a.repeated(0x8080_8080, 8));
    a.op(Op.VMOVDQU_STORE, Mem.at(UNSIGNED, 0), ymm(1));

    a.op(Op.VMOVDQU, ymm(1), a.repeated(0x0101_0101, 8));
    a.op(Op.VPMADDUBSW, ymm(1), ymm(1), ymm(0));
    a.op(Op.VPMADDWD, ymm(1), ymm(1), a.repeated(0x0001_0001, 8));
    a.op(Op.VCVTDQ2PS, ymm(1), ymm(1));
    a.op(Op.VHADDPS, ymm(1), ymm(1), ymm(1));
    a.op(Op.VHADDPS, ymm(1), ymm(1), ymm(1));
    a.op(Op.VMULPS, ymm(2), ymm(1), a.repeated(Float.floatToRawIntBits(-8), 8));
    a.op(Op.VCVTPS2DQ, ymm(2), ymm(2)); // whole numbers, exact
    a.op(Op.VMOVSS_STORE, Mem.at(OFFSETS, 0), ymm(2).as(128));
    a.op(Op.VEXTRACTI128, ymm(2).as(128), ymm(2), 1);
    a.op(Op.VMOVSS_STORE, Mem.at(OFFSETS, 4), ymm(2).as(128));
    a.op(Op.VMULPS, ymm(1), ymm(1), scale);
    a.op(Op.VEXTRACTI128, ymm(2).as(128), ymm(1), 1);
    a.op(Op.VMOVSS_STORE, Mem.at(SCALES, 0), scale.as(128));
    a.op(Op.VMOVSS_STORE, Mem.at(SUMS_16, 0), ymm(1).as(128));
    a.op(Op.VMOVSS_STORE, Mem.at(SUMS_16, 4), ymm(2).as(128));
    a.op(Op.VADDSS, ymm(1).as(128), ymm(1).as(128), ymm(2).as(128));
    a.op(Op.VMOVSS_STORE, Mem.at(SUMS_32, 0), ymm(1).as(128));
  }
}
