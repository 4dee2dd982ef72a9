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

  static final int MOST_ACTIVATIONS = 6;

  /** Groups of 16 rows. */
  static final int GROUPS = 2;

  private static final Gpr[] X = {Gpr.RSI, Gpr.RDX, Gpr.RCX, Gpr.RAX, Gpr.R8, Gpr.R9};
  private static final Gpr STRIP_AT = Gpr.R10;
  private static final Gpr CODES = Gpr.R11; // where in an activation the unit's codes are
  private static final Gpr SCALES = Gpr.RBX; // and its scale and sum of 32
  private static final Gpr SUMS = Gpr.RBP; // and its sums of 16, with BY_256

  /** The kernels there are: one for each kind of packed weights. */
  enum Kind {
    SIGNED_32(ActivationRow.BY_32, false, true),
    MINIMUM_32(ActivationRow.BY_32, false, false),
    SIGNED_256(ActivationRow.BY_256, false, true),
    MINIMUM_256(ActivationRow.BY_256, false, false),
    SIGNED_256_BY_16(ActivationRow.BY_256, true, true),
    MINIMUM_256_BY_16(ActivationRow.BY_256, true, false);

    private final int packing;
    private final boolean by16;
    private final boolean signed;

    Kind(int packing, boolean by16, boolean signed) {
      this.packing = packing;
      this.by16 = by16;
      this.signed = signed;
    }

    static Kind of(DType type) {
      boolean minimum = StripPack.hasMinimum(type);
      if (type.blockSize() != 256) {
        return minimum ? MINIMUM_32 : SIGNED_32;
      }
      if (StripPack.by16(type)) {
        return minimum ? MINIMUM_256_BY_16 : SIGNED_256_BY_16;
      }
      return minimum ? MINIMUM_256 : SIGNED_256;
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
    boolean wide = kind.packing == ActivationRow.BY_256;
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
    int codes = wide ? ActivationRow.CODES_256 : ActivationRow.CODES_32;
    if (kind.signed) {
      codes += wide ? ActivationRow.TO_UNSIGNED_256 : ActivationRow.TO_UNSIGNED_32;
    }
    a.mov(CODES, codes);
    a.mov(SCALES, 0);
    if (wide) {
      a.mov(SUMS, ActivationRow.SUMS_16_256);
      a.mov(Gpr.R15, 8);
    }
    for (int i = 0; i < GROUPS * acts; i++) {
      Emit.zero(a, zmm(12 + i));
    }
    Label next = a.label();
    a.bind(next);
    if (kind.by16) {
      for (int half = 0; half < 2; half++) {
        unit(4, half * GROUPS * StripPack.UNIT_16, StripPack.UNIT_16, 16 * half, SUMS, 4 * half);
      }
    } else {
      int sum = wide ? ActivationRow.SUMS_32_256 : ActivationRow.SUM_32;
      unit(8, 0, StripPack.UNIT_32, 0, SCALES, sum);
    }
    a.add(STRIP_AT, GROUPS * (kind.by16 ? 2 * StripPack.UNIT_16 : StripPack.UNIT_32));
    if (wide) {
      a.add(CODES, 32);
      a.add(SCALES, 4);
      a.add(SUMS, 8);
      a.sub(Gpr.R15, 1);
      Label same = a.label();
      a.jump(Assembler.Condition.NE, same);
      a.mov(Gpr.R15, 8);
      a.add(CODES, ActivationRow.BLOCK_256 - 8 * 32);
      a.add(SCALES, ActivationRow.BLOCK_256 - 8 * 4);
      a.add(SUMS, ActivationRow.BLOCK_256 - 8 * 8);
      a.bind(same);
    } else {
      a.add(CODES, ActivationRow.BLOCK_32);
      a.add(SCALES, ActivationRow.BLOCK_32);
    }
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
   * @param sumIndex the register and {@code sumAt} the offset of the activation's sum
   */
  private void unit(int vectors, int strip, int unitBytes, int codes, Gpr sumIndex, int sumAt) {
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
          a.op(Op.VFMADD231PS, sums(g, n), minimum, Mem.at(X[n], sumIndex, 1, sumAt).toAll());
        }
      }
    }
  }
}
