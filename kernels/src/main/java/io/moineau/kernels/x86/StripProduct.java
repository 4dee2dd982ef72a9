package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * A strip of 32 rows of weights, as {@link StripPack} lays it out, times one to six activations.
 * The sums of products of bytes stay in twelve registers for the columns that share a scale, the
 * scaled sums in twelve more from the first column to the last. Needs AVX-512 VNNI.
 */
final class StripProduct {
  /** Arguments in memory: offsets in bytes, 64 bits each. */
  static final int STRIP = 0;

  /** Units of 32 columns. */
  static final int UNITS = 8;

  static final int OUT = 16;
  static final int OUT_STRIDE = 24;

  /**
   * Address of a list of addresses of activations, and how often the kernel takes as many of them.
   */
  static final int ACTIVATIONS = 32;

  static final int TIMES = 40;

  /** Where in an activation the codes, scales and sums begin. */
  static final int CODES_AT = 48;

  static final int SCALES_AT = 56;
  static final int SUMS_AT = 64;

  static final int MOST_ACTIVATIONS = 6;

  /** Groups of 16 rows. */
  static final int GROUPS = 2;

  private static final Gpr[] X = {Gpr.RSI, Gpr.RDX, Gpr.RCX, Gpr.RAX, Gpr.R8, Gpr.R9};
  private static final Gpr STRIP_AT = Gpr.R10;
  private static final Gpr CODES = Gpr.R11; // where in an activation the unit's codes are
  private static final Gpr SCALES = Gpr.RBX; // and its scale
  private static final Gpr SUMS = Gpr.RBP; // and its sum, or two sums of 16

  /** The kernels there are: one for each kind of packed weights. */
  enum Kind {
    SIGNED(false, true),
    MINIMUM(false, false),
    SIGNED_BY_16(true, true),
    MINIMUM_BY_16(true, false);

    private final boolean by16;
    private final boolean signed;

    Kind(boolean by16, boolean signed) {
      this.by16 = by16;
      this.signed = signed;
    }

    /** Whether scales are per 16 columns. */
    boolean by16() {
      return by16;
    }

    /** Whether codes are signed; the others have a minimum. */
    boolean signed() {
      return signed;
    }

    static Kind of(DType type) {
      if (StripPack.by16(type)) {
        return StripPack.hasMinimum(type) ? MINIMUM_BY_16 : SIGNED_BY_16;
      }
      return StripPack.hasMinimum(type) ? MINIMUM : SIGNED;
    }
  }

  private final Assembler a;
  private final Kind kind;
  private final int acts;

  private StripProduct(Assembler a, Kind kind, int acts) {
    this.a = a;
    this.kind = kind;
    this.acts = acts;
  }

  static int assemble(Assembler a, Kind kind, int acts) {
    final int entry = a.begin("strip_" + kind + "_x" + acts);
    new StripProduct(a, kind, acts).emit();
    return entry;
  }

  private Vec products(int group, int act) {
    return zmm(group * acts + act);
  }

  private Vec sums(int group, int act) {
    return zmm(12 + group * acts + act);
  }

  private void emit() {
    Emit.enter(a);
    a.mov(Gpr.R13, Mem.at(Gpr.RDI, OUT));
    a.mov(Gpr.R14, Mem.at(Gpr.RDI, OUT_STRIDE));
    Label nextActivations = a.label();
    a.bind(nextActivations);
    a.mov(STRIP_AT, Mem.at(Gpr.RDI, ACTIVATIONS));
    for (int n = 0; n < acts; n++) {
      a.mov(X[n], Mem.at(STRIP_AT, 8 * n));
    }
    a.add(STRIP_AT, 8 * acts);
    a.mov(Mem.at(Gpr.RDI, ACTIVATIONS), STRIP_AT);
    a.mov(STRIP_AT, Mem.at(Gpr.RDI, STRIP));
    a.mov(Gpr.R12, Mem.at(Gpr.RDI, UNITS));
    a.mov(CODES, Mem.at(Gpr.RDI, CODES_AT));
    a.mov(SCALES, Mem.at(Gpr.RDI, SCALES_AT));
    a.mov(SUMS, Mem.at(Gpr.RDI, SUMS_AT));
    for (int i = 0; i < GROUPS * acts; i++) {
      Emit.zero(a, zmm(12 + i));
    }
    Label next = a.label();
    a.bind(next);
    if (kind.by16) {
      for (int half = 0; half < 2; half++) {
        unit(4, half * GROUPS * StripPack.UNIT_16, StripPack.UNIT_16, 16 * half, 4 * half);
      }
    } else {
      unit(8, 0, StripPack.UNIT_32, 0, 0);
    }
    a.add(STRIP_AT, GROUPS * (kind.by16 ? 2 * StripPack.UNIT_16 : StripPack.UNIT_32));
    a.add(CODES, 32);
    a.add(SCALES, 4);
    a.add(SUMS, kind.by16 ? 8 : 4);
    a.sub(Gpr.R12, 1);
    a.jump(Assembler.Condition.NE, next);
    for (int n = 0; n < acts; n++) {
      for (int g = 0; g < GROUPS; g++) {
        a.op(Op.VMOVUPS_STORE, Mem.at(Gpr.R13, 64 * g), sums(g, n));
      }
      a.add(Gpr.R13, Gpr.R14);
    }
    a.mov(Gpr.R12, Mem.at(Gpr.RDI, TIMES));
    a.sub(Gpr.R12, 1);
    a.mov(Mem.at(Gpr.RDI, TIMES), Gpr.R12);
    a.jump(Assembler.Condition.NE, nextActivations);
    Emit.leave(a);
  }

  /**
   * Columns that share a scale.
   *
   * @param vectors of codes per group
   * @param strip offset of the first group's unit
   * @param unitBytes from one group's unit to the next's
   * @param codes offset within the activation's codes
   * @param sum offset within the activation's sums
   */
  private void unit(int vectors, int strip, int unitBytes, int codes, int sum) {
    Vec x = zmm(26);
    for (int g = 0; g < GROUPS; g++) {
      for (int n = 0; n < acts; n++) {
        if (!kind.signed) {
          Emit.zero(a, products(g, n));
        } else if (n == 0) {
          a.op(
              Op.VMOVDQU,
              products(g, n),
              Mem.at(STRIP_AT, strip + g * unitBytes + 64 * vectors + 64));
        } else {
          a.op(Op.VMOVDQU, products(g, n), products(g, 0));
        }
      }
    }
    for (int j = 0; j < vectors; j++) {
      for (int g = 0; g < GROUPS; g++) {
        a.op(Op.VMOVDQU, zmm(24 + g), Mem.at(STRIP_AT, strip + g * unitBytes + 64 * j));
      }
      for (int n = 0; n < acts; n++) {
        a.op(Op.VPBROADCASTD, x, Mem.at(X[n], CODES, 1, codes + 4 * j));
        for (int g = 0; g < GROUPS; g++) {
          Vec w = zmm(24 + g);
          a.op(Op.VPDPBUSD, products(g, n), kind.signed ? x : w, kind.signed ? w : x);
        }
      }
    }
    Vec scale = zmm(27);
    Vec minimum = zmm(28);
    Vec factor = zmm(29);
    for (int g = 0; g < GROUPS; g++) {
      int at = strip + g * unitBytes + 64 * vectors;
      a.op(Op.VMOVUPS, scale, Mem.at(STRIP_AT, at));
      if (!kind.signed) {
        a.op(Op.VMOVUPS, minimum, Mem.at(STRIP_AT, at + 64));
      }
      for (int n = 0; n < acts; n++) {
        a.op(Op.VCVTDQ2PS, products(g, n), products(g, n));
        a.op(Op.VMULPS, factor, scale, Mem.at(X[n], SCALES, 1, 0).toAll());
        a.op(Op.VFMADD231PS, sums(g, n), products(g, n), factor);
        if (!kind.signed) {
          a.op(Op.VFMADD231PS, sums(g, n), minimum, Mem.at(X[n], SUMS, 1, sum).toAll());
        }
      }
    }
  }
}
