package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.xmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;

/** Short sequences that several kernels are made of. */
final class Emit {
  /** Registers that a function must leave as it found them (System V), rsp aside. */
  private static final Gpr[] SAVED = {Gpr.RBX, Gpr.RBP, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15};

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

  /** Zero. */
  static void zero(Assembler a, Vec v) {
    Vec narrow = v.index() < 16 ? xmm(v.index()) : v;
    a.op(Op.VPXOR, narrow, narrow, narrow);
  }
}
