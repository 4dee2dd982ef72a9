package io.moineau.kernels.x86;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;
import io.moineau.tensor.DType;

/**
 * Code for many tokens with weights that are floats of 32 or 16 bits. Rows of weights become the
 * lanes of two vectors: a strip is {@code [columns, two vectors]} of 32-bit floats. An activation's
 * element is then multiplied with all rows at once, and each row's sum stays in a lane.
 *
 * <p>Sums are floats added in the order of the columns; nothing is rounded to 16 bits.
 */
final class FloatStripCode {
  /** Arguments of the packing code in memory: offsets in bytes, 64 bits each. */
  static final int WEIGHTS = 0;

  static final int ROW_BYTES = 8;

  /** Blocks of {@link #STEP} columns, at least one. */
  static final int BLOCKS = 16;

  static final int STRIP = 24;

  /** Arguments of the product: offsets in bytes, 64 bits each. The strip is at 24 here too. */
  static final int STEPS = 16;

  /** Address of a list of addresses of activations. */
  static final int ACTIVATIONS = 32;

  /** How often the kernel takes as many of them as it is for. */
  static final int TIMES = 40;

  static final int OUT = 48;
  static final int OUT_STRIDE = 56;

  /** Whether sums begin with what stands in the output (1) or with zero (0). */
  static final int GO_ON = 64;

  /** Bytes by which the activations' addresses are behind: where the strip's columns begin. */
  static final int FROM = 72;

  static final int MOST_ACTIVATIONS = 6;

  /** Columns that are multiplied in one turn of the loop. */
  static final int STEP = 16;

  /** Groups of rows of a strip. */
  static final int GROUPS = 2;

  private static final Gpr[] X = {Gpr.RSI, Gpr.RDX, Gpr.RCX, Gpr.RAX, Gpr.R8, Gpr.R9};

  private final Assembler a;
  private final int bits;
  private final int lanes;

  FloatStripCode(Assembler a, Isa isa) {
    this.a = a;
    this.bits = isa.avx512() ? 512 : 256;
    this.lanes = lanes(isa);
  }

  /** Rows of one of a strip's two groups. */
  static int lanes(Isa isa) {
    return isa.avx512() ? 16 : 8;
  }

  static boolean supports(DType type) {
    return type == DType.F32 || type == DType.F16 || type == DType.BF16;
  }

  private Vec vec(int index) {
    return new Vec(index, bits);
  }

  // --- packing ----------------------------------------------------------------------------------

  /** Packs one group of rows; the other group's columns lie between its own. */
  int pack(DType type) {
    final int entry = a.begin("float_strip_pack_" + type + "_" + bits);
    final Gpr stride = Gpr.RDX;
    final Gpr stride3 = Gpr.RAX;
    final Gpr to = Gpr.R11;
    final Gpr blocks = Gpr.RCX;
    Gpr[] base = {Gpr.RSI, Gpr.R8, Gpr.R9, Gpr.R10};
    int bases = lanes / 4;
    a.mov(base[0], Mem.at(Gpr.RDI, WEIGHTS));
    a.mov(stride, Mem.at(Gpr.RDI, ROW_BYTES));
    a.mov(blocks, Mem.at(Gpr.RDI, BLOCKS));
    a.mov(to, Mem.at(Gpr.RDI, STRIP));
    a.lea(stride3, Mem.at(stride, stride, 2, 0));
    for (int i = 1; i < bases; i++) {
      a.lea(base[i], Mem.at(base[i - 1], stride, 4, 0));
    }
    Label next = a.label();
    a.bind(next);
    for (int part = 0; part < STEP / lanes; part++) {
      for (int lane = 0; lane < lanes; lane++) {
        Mem row =
            switch (lane % 4) {
              case 0 -> Mem.at(base[lane / 4], 0);
              case 3 -> Mem.at(base[lane / 4], stride3, 1, 0);
              default -> Mem.at(base[lane / 4], stride, lane % 4, 0);
            };
        load(type, vec(lane), row.plus(part * lanes * type.blockBytes()));
      }
      transpose();
      for (int column = 0; column < lanes; column++) {
        Mem at = Mem.at(to, (part * lanes + column) * columnBytes());
        a.op(Op.VMOVUPS_STORE, at, vec(column));
      }
    }
    for (int i = 0; i < bases; i++) {
      a.add(base[i], STEP * type.blockBytes());
    }
    a.add(to, STEP * columnBytes());
    a.sub(blocks, 1);
    a.jump(Assembler.Condition.NE, next);
    a.vzeroupper();
    a.ret();
    return entry;
  }

  /** Bytes of a strip's column. */
  private int columnBytes() {
    return GROUPS * bits / 8;
  }

  private void load(DType type, Vec to, Mem from) {
    switch (type) {
      case F16 -> a.op(Op.VCVTPH2PS, to, from);
      case BF16 -> {
        a.op(Op.VPMOVZXWD, to, from);
        a.op(Op.VPSLLD, to, to, 16);
      }
      default -> a.op(Op.VMOVUPS, to, from);
    }
  }

  private void transpose() {
    if (lanes == 16) {
      Emit.transpose16(a);
    } else {
      transpose8();
    }
  }

  /** Transposes the 8 x 8 words of 32 bits in registers 0 to 7; 8 to 15 are lost. */
  private void transpose8() {
    for (int i = 0; i < 8; i += 2) {
      a.op(Op.VPUNPCKLDQ, vec(8 + i), vec(i), vec(i + 1));
      a.op(Op.VPUNPCKHDQ, vec(9 + i), vec(i), vec(i + 1));
    }
    // Register 4 g + c gets columns c and 4 + c of rows 4 g to 4 g + 3, in a half each.
    for (int g = 0; g < 8; g += 4) {
      a.op(Op.VPUNPCKLQDQ, vec(g), vec(8 + g), vec(10 + g));
      a.op(Op.VPUNPCKHQDQ, vec(g + 1), vec(8 + g), vec(10 + g));
      a.op(Op.VPUNPCKLQDQ, vec(g + 2), vec(9 + g), vec(11 + g));
      a.op(Op.VPUNPCKHQDQ, vec(g + 3), vec(9 + g), vec(11 + g));
    }
    for (int c = 0; c < 4; c++) {
      a.op(Op.VPERM2I128, vec(8 + c), vec(c), vec(4 + c), 0x20); // the lower halves
      a.op(Op.VPERM2I128, vec(12 + c), vec(c), vec(4 + c), 0x31); // the upper ones
    }
    for (int c = 0; c < 8; c++) {
      a.op(Op.VMOVUPS, vec(c), vec(8 + c));
    }
  }

  // --- products ---------------------------------------------------------------------------------

  private Vec sum(int acts, int group, int act) {
    return vec(group * acts + act);
  }

  /** A strip times so many activations, again and again. */
  int product(int acts) {
    final int entry = a.begin("float_strip_x" + acts + "_" + bits);
    final Gpr strip = Gpr.R10;
    final Gpr column = Gpr.R11; // bytes
    final Gpr steps = Gpr.R12;
    final Gpr out = Gpr.R13;
    final Gpr stride = Gpr.R14;
    final Gpr list = Gpr.RBX;
    final Gpr times = Gpr.RBP;
    final Gpr temporary = Gpr.R15;
    final Vec w0 = vec(GROUPS * MOST_ACTIVATIONS);
    final Vec w1 = vec(GROUPS * MOST_ACTIVATIONS + 1);
    final Vec x = vec(GROUPS * MOST_ACTIVATIONS + 2);
    Emit.enter(a);
    a.mov(list, Mem.at(Gpr.RDI, ACTIVATIONS));
    a.mov(times, Mem.at(Gpr.RDI, TIMES));
    a.mov(out, Mem.at(Gpr.RDI, OUT));
    a.mov(stride, Mem.at(Gpr.RDI, OUT_STRIDE));
    Label nextActivations = a.label();
    a.bind(nextActivations);
    for (int n = 0; n < acts; n++) {
      a.mov(X[n], Mem.at(list, 8 * n));
    }
    a.add(list, 8 * acts);
    a.mov(strip, Mem.at(Gpr.RDI, STRIP));
    a.mov(steps, Mem.at(Gpr.RDI, STEPS));
    a.mov(column, Mem.at(Gpr.RDI, FROM));
    firstSums(acts, out, stride, temporary);
    Label step = a.label();
    a.bind(step);
    for (int c = 0; c < STEP; c++) {
      a.op(Op.VMOVUPS, w0, Mem.at(strip, c * columnBytes()));
      a.op(Op.VMOVUPS, w1, Mem.at(strip, c * columnBytes() + bits / 8));
      for (int n = 0; n < acts; n++) {
        a.op(Op.VBROADCASTSS, x, Mem.at(X[n], column, 1, 4 * c));
        a.op(Op.VFMADD231PS, sum(acts, 0, n), x, w0);
        a.op(Op.VFMADD231PS, sum(acts, 1, n), x, w1);
      }
    }
    a.add(strip, STEP * columnBytes());
    a.add(column, 4 * STEP);
    a.sub(steps, 1);
    a.jump(Assembler.Condition.NE, step);
    for (int n = 0; n < acts; n++) {
      for (int g = 0; g < GROUPS; g++) {
        a.op(Op.VMOVUPS_STORE, Mem.at(out, g * bits / 8), sum(acts, g, n));
      }
      a.add(out, stride);
    }
    a.sub(times, 1);
    a.jump(Assembler.Condition.NE, nextActivations);
    Emit.leave(a);
    return entry;
  }

  private void firstSums(int acts, Gpr out, Gpr stride, Gpr temporary) {
    final Label zero = a.label();
    final Label end = a.label();
    a.mov(temporary, Mem.at(Gpr.RDI, GO_ON));
    a.test(temporary, temporary);
    a.jump(Assembler.Condition.E, zero);
    a.mov(temporary, out);
    for (int n = 0; n < acts; n++) {
      for (int g = 0; g < GROUPS; g++) {
        a.op(Op.VMOVUPS, sum(acts, g, n), Mem.at(temporary, g * bits / 8));
      }
      a.add(temporary, stride);
    }
    a.jump(end);
    a.bind(zero);
    for (int i = 0; i < GROUPS * acts; i++) {
      Emit.zero(a, vec(i));
    }
    a.bind(end);
  }
}
