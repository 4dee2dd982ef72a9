package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.AttentionCode.A;
import static io.moineau.kernels.x86.AttentionCode.A_ROW;
import static io.moineau.kernels.x86.AttentionCode.B;
import static io.moineau.kernels.x86.AttentionCode.C;
import static io.moineau.kernels.x86.AttentionCode.DEPTH;
import static io.moineau.kernels.x86.AttentionCode.FACTOR;
import static io.moineau.kernels.x86.AttentionCode.GROUPS;
import static io.moineau.kernels.x86.AttentionCode.MAX;
import static io.moineau.kernels.x86.AttentionCode.POSITIONS;
import static io.moineau.kernels.x86.AttentionCode.SCALE;
import static io.moineau.kernels.x86.AttentionCode.SCORES;
import static io.moineau.kernels.x86.AttentionCode.STATE;
import static io.moineau.kernels.x86.AttentionCode.SUM;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;

/**
 * Code for attention of one query row, with the arguments of {@link AttentionCode}: lanes are
 * elements of a key, then positions, then elements of a value.
 */
final class AttentionRowCode {
  private final int bits;

  AttentionRowCode(int bits) {
    this.bits = bits;
  }

  private Vec vec(int index) {
    return new Vec(index, bits);
  }

  private int bytes() {
    return bits / 8;
  }

  // --- one query row: lanes are elements of a key, positions, elements of a value
  // -----------------

  /** {@code C[p] = scale * sum over c of A[c] * B[p][c]} for positions in fours. */
  int score(Assembler a) {
    final int entry = a.begin("attention_row_score");
    Gpr key = Gpr.RSI;
    Gpr rowBytes = Gpr.RCX;
    Gpr threeRows = Gpr.R8;
    Gpr q = Gpr.R9;
    Gpr left = Gpr.R10;
    Gpr groups = Gpr.R11;
    Gpr out = Gpr.RDX;
    a.mov(key, Mem.at(Gpr.RDI, B));
    a.mov(rowBytes, Mem.at(Gpr.RDI, A_ROW));
    a.lea(threeRows, Mem.at(rowBytes, rowBytes, 2, 0));
    a.mov(groups, Mem.at(Gpr.RDI, GROUPS));
    a.mov(out, Mem.at(Gpr.RDI, C));
    Label nextGroup = a.label();
    a.bind(nextGroup);
    a.mov(q, Mem.at(Gpr.RDI, A));
    a.mov(left, Mem.at(Gpr.RDI, DEPTH));
    for (int i = 0; i < 4; i++) {
      Emit.zero(a, vec(i));
    }
    Label next = a.label();
    a.bind(next);
    for (int part = 0; part < 64; part += bytes()) {
      a.op(Op.VMOVUPS, vec(4), Mem.at(q, part));
      for (int i = 0; i < 4; i++) {
        a.op(
            Op.VFMADD231PS,
            vec(i),
            vec(4),
            AttentionCode.element(key, rowBytes, threeRows, i).plus(part));
      }
    }
    a.add(key, 64);
    a.add(q, 64);
    a.sub(left, 1);
    a.jump(Assembler.Condition.NE, next);
    Vec[] sums = new Vec[4];
    for (int i = 0; i < 4; i++) {
      sums[i] = Operand.ymm(i);
      if (bits == 512) {
        a.op(Op.VEXTRACTI64X4, Operand.ymm(5), vec(i), 1);
        a.op(Op.VADDPS, sums[i], sums[i], Operand.ymm(5));
      }
    }
    Vec result = Operand.xmm(4);
    Emit.sumsOfFour(a, result, sums, Operand.ymm(5));
    a.op(Op.VBROADCASTSS, Operand.xmm(5), Mem.at(Gpr.RDI, FACTOR));
    a.op(Op.VMULPS, result, result, Operand.xmm(5));
    a.op(Op.VMOVUPS_STORE, Mem.at(out, 0), result);
    a.add(out, 16);
    a.add(key, threeRows);
    a.sub(groups, 1);
    a.jump(Assembler.Condition.NE, nextGroup);
    a.vzeroupper();
    a.ret();
    return entry;
  }

  /** The softmax of one row: positions are a multiple of 16, the state three floats. */
  int softmax(Assembler a) {
    final int entry = a.begin("attention_row_softmax");
    Gpr at = Gpr.RSI;
    Gpr left = Gpr.RDX;
    Gpr state = Gpr.RCX;
    Vec max = vec(0);
    Vec before = vec(1);
    Vec sum = vec(2);
    Vec x = vec(3);
    a.mov(state, Mem.at(Gpr.RDI, STATE));
    a.op(Op.VBROADCASTSS, max, Mem.at(state, 4 * MAX));
    a.op(Op.VMOVUPS, before, max);
    rowLoop(a, at, left, () -> a.op(Op.VMAXPS, max, max, Mem.at(at, 0)));
    fold(a, max, vec(4), Op.VMAXPS);
    Emit.zero(a, sum);
    rowLoop(
        a,
        at,
        left,
        () -> {
          a.op(Op.VMOVUPS, x, Mem.at(at, 0));
          a.op(Op.VSUBPS, x, x, max);
          Emit.exp(a, x, 5);
          a.op(Op.VADDPS, sum, sum, x);
          a.op(Op.VMOVUPS_STORE, Mem.at(at, 0), x);
        });
    fold(a, sum, vec(4), Op.VADDPS);
    a.op(Op.VSUBPS, x, before, max);
    Emit.exp(a, x, 5);
    a.op(Op.VMOVSS_STORE, Mem.at(state, 4 * MAX), max.as(128));
    a.op(Op.VFMADD231SS, sum.as(128), x.as(128), Mem.at(state, 4 * SUM));
    a.op(Op.VMOVSS_STORE, Mem.at(state, 4 * SUM), sum.as(128));
    a.op(Op.VMOVSS_STORE, Mem.at(state, 4 * SCALE), x.as(128));
    a.vzeroupper();
    a.ret();
    return entry;
  }

  private void rowLoop(Assembler a, Gpr at, Gpr left, Runnable body) {
    a.mov(at, Mem.at(Gpr.RDI, SCORES));
    a.mov(left, Mem.at(Gpr.RDI, POSITIONS));
    Label next = a.label();
    a.bind(next);
    body.run();
    a.add(at, bytes());
    a.sub(left, bits / 32);
    a.jump(Assembler.Condition.NE, next);
  }

  /** All lanes become the sum, or the maximum, over the lanes. */
  private void fold(Assembler a, Vec v, Vec scratch, Op op) {
    if (bits == 512) {
      a.op(Op.VSHUFI32X4, scratch, v, v, 0x4E);
      a.op(op, v, v, scratch);
      a.op(Op.VSHUFI32X4, scratch, v, v, 0xB1);
    } else {
      a.op(Op.VPERM2I128, scratch, v, v, 1);
    }
    a.op(op, v, v, scratch);
    a.op(Op.VPSHUFD, scratch, v, 0x4E);
    a.op(op, v, v, scratch);
    a.op(Op.VPSHUFD, scratch, v, 0xB1);
    a.op(op, v, v, scratch);
  }

  /**
   * {@code C[c] = factor * C[c] + sum over p of A[p] * B[p][c]}, {@code columns} elements at a
   * time.
   */
  int mix(Assembler a, int columns) {
    final int entry = a.begin("attention_row_mix_" + columns);
    Gpr weight = Gpr.RSI;
    Gpr value = Gpr.RDX;
    Gpr rowBytes = Gpr.RCX;
    Gpr out = Gpr.R8;
    Gpr groups = Gpr.R9;
    Gpr left = Gpr.R10;
    Gpr from = Gpr.R11;
    int vectors = columns * 4 / bytes();
    a.mov(rowBytes, Mem.at(Gpr.RDI, A_ROW));
    a.mov(groups, Mem.at(Gpr.RDI, GROUPS));
    a.mov(out, Mem.at(Gpr.RDI, C));
    a.mov(from, Mem.at(Gpr.RDI, B));
    Label nextGroup = a.label();
    a.bind(nextGroup);
    a.mov(weight, Mem.at(Gpr.RDI, A));
    a.mov(left, Mem.at(Gpr.RDI, DEPTH));
    a.mov(Gpr.RAX, Mem.at(Gpr.RDI, FACTOR));
    a.mov(value, from);
    Vec w = vec(8);
    a.op(Op.VBROADCASTSS, w, Mem.at(Gpr.RAX, 0));
    for (int v = 0; v < vectors; v++) {
      a.op(Op.VMULPS, vec(v), w, Mem.at(out, bytes() * v));
    }
    Label next = a.label();
    a.bind(next);
    a.op(Op.VBROADCASTSS, w, Mem.at(weight, 0));
    for (int v = 0; v < vectors; v++) {
      a.op(Op.VFMADD231PS, vec(v), w, Mem.at(value, bytes() * v));
    }
    a.add(weight, 4);
    a.add(value, rowBytes);
    a.sub(left, 1);
    a.jump(Assembler.Condition.NE, next);
    for (int v = 0; v < vectors; v++) {
      a.op(Op.VMOVUPS_STORE, Mem.at(out, bytes() * v), vec(v));
    }
    a.add(out, 4 * columns);
    a.add(from, 4 * columns);
    a.sub(groups, 1);
    a.jump(Assembler.Condition.NE, nextGroup);
    a.vzeroupper();
    a.ret();
    return entry;
  }
}
