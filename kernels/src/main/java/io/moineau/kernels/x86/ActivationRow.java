package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.ymm;

import io.moineau.kernels.ActivationRounding;
import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;

/**
 * Rows of rounded activations as the kernels here read them, and the code that makes them. Beside
 * the codes q (signed bytes) of 32 columns and their scale d lie sums {@code d * (q0 + q1 + ...)},
 * with which a weight type's minimum or offset is multiplied, and the codes plus 128 (unsigned),
 * for products with signed weights.
 *
 * <ul>
 *   <li>{@link #BY_32}: per 32 columns 80 bytes: d, sum of 32, sums of 16 (two), codes, unsigned
 *       codes.
 *   <li>{@link #BY_256}, for types in blocks of 256: per 256 columns 640 bytes: d (8), sums of 32
 *       (8), sums of 16 (16), codes, unsigned codes.
 * </ul>
 */
final class ActivationRow {
  static final int BY_32 = 16;
  static final int BY_256 = 17;

  /** Bytes of a block of 32 and where things lie in it. */
  static final int BLOCK_32 = 80;

  static final int SUM_32 = 4;
  static final int SUMS_16 = 8;
  static final int CODES_32 = 16;

  /** The same for a block of 256. */
  static final int BLOCK_256 = 640;

  static final int SUMS_32_256 = 32;
  static final int SUMS_16_256 = 64;
  static final int CODES_256 = 128;

  /** From a code to the same plus 128. */
  static final int TO_UNSIGNED_32 = 32;

  static final int TO_UNSIGNED_256 = 256;

  private ActivationRow() {}

  static long bytes(int packing, int columns) {
    long bytes = packing == BY_32 ? columns / 32L * BLOCK_32 : columns / 256L * BLOCK_256;
    return bytes + 63 & -64;
  }

  /** Code of (floats, blocks, row) that rounds as {@link ActivationRounding} defines. */
  static int assemble(Assembler a, int packing) {
    boolean wide = packing == BY_256;
    final int entry = a.begin(wide ? "round_by_256" : "round_by_32");
    Operand.Label next = a.label();
    Operand.Label end = a.label();
    a.test(Gpr.RSI, Gpr.RSI);
    a.jump(Assembler.Condition.E, end);
    a.bind(next);
    for (int i = 0; i < (wide ? 8 : 1); i++) {
      if (wide) {
        block(
            a,
            128 * i,
            4 * i,
            SUMS_32_256 + 4 * i,
            SUMS_16_256 + 8 * i,
            CODES_256 + 32 * i,
            TO_UNSIGNED_256);
      } else {
        block(a, 0, 0, SUM_32, SUMS_16, CODES_32, TO_UNSIGNED_32);
      }
    }
    a.add(Gpr.RDI, wide ? 1024 : 128);
    a.add(Gpr.RDX, wide ? BLOCK_256 : BLOCK_32);
    a.sub(Gpr.RSI, 1);
    a.jump(Assembler.Condition.NE, next);
    a.bind(end);
    a.vzeroupper();
    a.ret();
    return entry;
  }

  private static void block(
      Assembler a, int source, int d, int sum32, int sums16, int codes, int toUnsigned) {
    Vec max = ymm(4);
    Vec other = ymm(5);
    Vec scale = ymm(6);
    Mem magnitude = a.repeated(0x7FFF_FFFF, 8);
    for (int i = 0; i < 4; i++) {
      a.op(Op.VMOVUPS, ymm(i), Mem.at(Gpr.RDI, source + 32 * i));
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
    a.op(Op.VMOVDQU_STORE, Mem.at(Gpr.RDX, codes), ymm(0));
    a.op(Op.VPXOR, ymm(1), ymm(0), a.repeated(0x8080_8080, 8));
    a.op(Op.VMOVDQU_STORE, Mem.at(Gpr.RDX, codes + toUnsigned), ymm(1));

    a.op(Op.VMOVDQU, ymm(1), a.repeated(0x0101_0101, 8));
    a.op(Op.VPMADDUBSW, ymm(1), ymm(1), ymm(0));
    a.op(Op.VPMADDWD, ymm(1), ymm(1), a.repeated(0x0001_0001, 8));
    a.op(Op.VCVTDQ2PS, ymm(1), ymm(1));
    a.op(Op.VHADDPS, ymm(1), ymm(1), ymm(1));
    a.op(Op.VHADDPS, ymm(1), ymm(1), ymm(1));
    a.op(Op.VMULPS, ymm(1), ymm(1), scale);
    a.op(Op.VEXTRACTI128, ymm(2).as(128), ymm(1), 1);
    a.op(Op.VMOVSS_STORE, Mem.at(Gpr.RDX, d), scale.as(128));
    a.op(Op.VMOVSS_STORE, Mem.at(Gpr.RDX, sums16), ymm(1).as(128));
    a.op(Op.VMOVSS_STORE, Mem.at(Gpr.RDX, sums16 + 4), ymm(2).as(128));
    a.op(Op.VADDSS, ymm(1).as(128), ymm(1).as(128), ymm(2).as(128));
    a.op(Op.VMOVSS_STORE, Mem.at(Gpr.RDX, sum32), ymm(1).as(128));
  }
}
