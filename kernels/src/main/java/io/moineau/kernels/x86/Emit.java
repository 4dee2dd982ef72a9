package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.xmm;
import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;

/** Short sequences that several kernels are made of. */
final class Emit {
  /** Registers that a function must leave as it found them (System V), rsp aside. */
  private static final Gpr[] SAVED = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};

  /** Of both operands of VSHUFI32X4: lanes 0 and 2, or 1 and 3. */
  private static final int EVEN_LANES = 0x88;

  private static final int ODD_LANES = 0xDD;

  private Emit() {}

  static void enter(Assembler a) {
    for (Gpr register : SAVED) {
      a.push(register);
    }
  }

  static void leave(Assembler a) {
    for (int i = SAVED.length - 1; i >= 0; i--) {
      a.pop(SAVED[i]);
    }
    a.vzeroupper(); // else code with SSE instructions would run slowly afterwards
    a.ret();
  }

  /** A 16-bit float at an address, in all lanes. */
  static void half(Assembler a, Vec to, Mem from) {
    a.op(Op.VPBROADCASTW, to.as(Math.max(128, to.bits() / 2)), from);
    a.op(Op.VCVTPH2PS, to, to.as(Math.max(128, to.bits() / 2)));
  }

  /** {@code to = the sums over the lanes of four vectors} of 256 bits, four lanes of 128 bits. */
  static void sumsOfFour(Assembler a, Vec to, Vec[] v, Vec scratch) {
    a.op(Op.VHADDPS, v[0], v[0], v[1]);
    a.op(Op.VHADDPS, v[2], v[2], v[3]);
    a.op(Op.VHADDPS, v[0], v[0], v[2]);
    a.op(Op.VEXTRACTI128, scratch.as(128), v[0], 1);
    a.op(Op.VADDPS, to.as(128), v[0].as(128), scratch.as(128));
  }

  /**
   * Transposes the 16 x 16 words of 32 bits in registers 0 to 15 of 512 bits; 16 to 31 are lost.
   */
  static void transpose16(Assembler a) {
    for (int i = 0; i < 16; i += 2) {
      a.op(Op.VPUNPCKLDQ, zmm(16 + i), zmm(i), zmm(i + 1));
      a.op(Op.VPUNPCKHDQ, zmm(17 + i), zmm(i), zmm(i + 1));
    }
    // Register 4 g + c gets column 4 l + c of rows 4 g to 4 g + 3 in its lane l of 128 bits.
    for (int g = 0; g < 16; g += 4) {
      a.op(Op.VPUNPCKLQDQ, zmm(g), zmm(16 + g), zmm(18 + g));
      a.op(Op.VPUNPCKHQDQ, zmm(g + 1), zmm(16 + g), zmm(18 + g));
      a.op(Op.VPUNPCKLQDQ, zmm(g + 2), zmm(17 + g), zmm(19 + g));
      a.op(Op.VPUNPCKHQDQ, zmm(g + 3), zmm(17 + g), zmm(19 + g));
    }
    for (int c = 0; c < 4; c++) {
      a.op(Op.VSHUFI32X4, zmm(16 + c), zmm(c), zmm(4 + c), EVEN_LANES);
      a.op(Op.VSHUFI32X4, zmm(20 + c), zmm(c), zmm(4 + c), ODD_LANES);
      a.op(Op.VSHUFI32X4, zmm(24 + c), zmm(8 + c), zmm(12 + c), EVEN_LANES);
      a.op(Op.VSHUFI32X4, zmm(28 + c), zmm(8 + c), zmm(12 + c), ODD_LANES);
    }
    for (int c = 0; c < 4; c++) {
      a.op(Op.VSHUFI32X4, zmm(c), zmm(16 + c), zmm(24 + c), EVEN_LANES);
      a.op(Op.VSHUFI32X4, zmm(8 + c), zmm(16 + c), zmm(24 + c), ODD_LANES);
      a.op(Op.VSHUFI32X4, zmm(4 + c), zmm(20 + c), zmm(28 + c), EVEN_LANES);
      a.op(Op.VSHUFI32X4, zmm(12 + c), zmm(20 + c), zmm(28 + c), ODD_LANES);
    }
  }

  /** For VPERMW: words of the lower and the upper half in turn, as pairs of bfloat16 want them. */
  static Mem halvesInTurn(Assembler a) {
    int[] pairs = new int[16];
    for (int i = 0; i < pairs.length; i++) {
      pairs[i] = i | pairs.length + i << 16;
    }
    return a.constant(pairs);
  }

  /** Zero. */
  static void zero(Assembler a, Vec v) {
    Vec narrow = v.index() < 16 ? xmm(v.index()) : v;
    a.op(Op.VPXOR, narrow, narrow, narrow);
  }

  /**
   * {@code x = exp(x)} for x up to 86, with relative error under 2e-7; below -86 it stays at
   * exp(-86), which is nothing beside 1. NaN stays NaN. The three registers from {@code scratch} on
   * are lost.
   */
  static void exp(Assembler a, Vec x, int scratch) {
    Vec n = new Vec(scratch, x.bits());
    Vec whole = new Vec(scratch + 1, x.bits());
    Vec p = new Vec(scratch + 2, x.bits());
    a.op(Op.VMOVUPS, p, all(a, x, -86));
    a.op(Op.VMAXPS, x, p, x); // of a NaN the second operand is kept
    // Adding 1.5 * 2^23 rounds to a whole number, which then stands in the lowest bits.
    a.op(Op.VMOVUPS, n, all(a, x, 0x1.8p23f));
    a.op(Op.VFMADD231PS, n, x, all(a, x, (float) (1 / Math.log(2))));
    a.op(Op.VSUBPS, whole, n, all(a, x, 0x1.8p23f));
    // ln 2 in two parts, the first of few bits, so that the remainder is exact (Cody and Waite).
    a.op(Op.VFNMADD231PS, x, whole, all(a, x, 0.693359375f));
    a.op(Op.VFNMADD231PS, x, whole, all(a, x, (float) (Math.log(2) - 0.693359375)));
    a.op(Op.VMOVUPS, p, all(a, x, 1f / 720));
    float[] coefficients = {1f / 120, 1f / 24, 1f / 6, 0.5f, 1, 1};
    for (float coefficient : coefficients) {
      a.op(Op.VFMADD213PS, p, x, all(a, x, coefficient));
    }
    a.op(Op.VPSLLD, n, n, 23);
    a.op(Op.VPADDD, x, p, n);
  }

  /** A float in all lanes of a vector like {@code v}. */
  static Mem all(Assembler a, Vec v, float value) {
    return a.repeated(Float.floatToRawIntBits(value), v.bits() / 32);
  }
}
