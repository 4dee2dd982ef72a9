package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Vec;

/**
 * Code for products of float matrices: a tile of results in registers, and the copies that bring
 * both sides into the order in which the tile reads them.
 *
 * <p>A left tile is {@code [depth, leftStride]}, of which the tile's rows are used; a right panel
 * is {@code [depth, columns]}. With bfloat16 a word of 32 bits holds two steps of the depth, the
 * first in its low half.
 */
final class FloatTileCode {
  private static final int LANES = 16; // of 512 bits
  private static final int MOST_ROWS_512 = 14; // 28 vectors of sums, two of b, two of a
  private static final int MOST_ROWS_256 = 6;

  private final Assembler a;
  private final int bits;
  private final boolean bfloat16;

  FloatTileCode(Assembler a, Isa isa, boolean bfloat16) {
    this.a = a;
    this.bits = isa.avx512() ? 512 : 256;
    this.bfloat16 = bfloat16;
  }

  static int rows(Isa isa) {
    return isa.avx512() ? MOST_ROWS_512 : MOST_ROWS_256;
  }

  /** Words from one step of a left tile to the next. */
  static int leftStride(Isa isa) {
    return isa.avx512() ? LANES : MOST_ROWS_256;
  }

  static int columns(Isa isa) {
    return isa.avx512() ? 2 * LANES : LANES;
  }

  private Vec vec(int index) {
    return new Vec(index, bits);
  }

  private Vec sum(int row, int half) {
    return vec(2 * row + half);
  }

  /**
   * (left, right, c, tiles, steps, bytes from a row of c to the next): tiles below one another
   * times one panel, written to c or added to what is there.
   */
  int tiles(Isa isa, boolean add) {
    final int entry =
        a.begin("float_tiles" + (bfloat16 ? "_bf16" : "") + (add ? "_add" : "") + "_" + bits);
    int rows = rows(isa);
    int bytes = bits / 8;
    Vec b0 = vec(2 * rows);
    Vec b1 = vec(2 * rows + 1);
    Label tile = a.label();
    a.bind(tile);
    for (int i = 0; i < 2 * rows; i++) {
      Emit.zero(a, vec(i));
    }
    a.mov(Gpr.RAX, Gpr.RSI);
    a.mov(Gpr.R10, Gpr.R8);
    Label step = a.label();
    a.bind(step);
    a.op(Op.VMOVUPS, b0, Mem.at(Gpr.RAX, 0));
    a.op(Op.VMOVUPS, b1, Mem.at(Gpr.RAX, bytes));
    for (int row = 0; row < rows; row++) {
      Vec x = vec(2 * rows + 2 + row % 2);
      a.op(Op.VBROADCASTSS, x, Mem.at(Gpr.RDI, 4 * row));
      Op multiply = bfloat16 ? Op.VDPBF16PS : Op.VFMADD231PS;
      a.op(multiply, sum(row, 0), x, b0);
      a.op(multiply, sum(row, 1), x, b1);
    }
    a.add(Gpr.RDI, 4 * leftStride(isa));
    a.add(Gpr.RAX, 2 * bytes);
    a.sub(Gpr.R10, 1);
    a.jump(Assembler.Condition.NE, step);
    for (int row = 0; row < rows; row++) {
      for (int half = 0; half < 2; half++) {
        Mem at = Mem.at(Gpr.RDX, half * bytes);
        if (add) {
          a.op(Op.VADDPS, sum(row, half), sum(row, half), at);
        }
        a.op(Op.VMOVUPS_STORE, at, sum(row, half));
      }
      a.add(Gpr.RDX, Gpr.R9);
    }
    a.sub(Gpr.RCX, 1);
    a.jump(Assembler.Condition.NE, tile);
    a.vzeroupper();
    a.ret();
    return entry;
  }

  /**
   * (from, to, bytes from a lane to the next, blocks): lanes whose depth lies in a row are
   * transposed, 16 words of the depth in a block. 512 bits only.
   *
   * @param lanes up to 16; beyond them zeros are written
   * @param step bytes from a step of the depth to the next in {@code to}
   */
  int transpose(int lanes, int step) {
    final int entry = a.begin("float_transpose" + (bfloat16 ? "_bf16" : "") + "_" + lanes);
    Gpr[] base = {Gpr.RDI, Gpr.R8, Gpr.R9, Gpr.R10};
    a.lea(Gpr.RAX, Mem.at(Gpr.RDX, Gpr.RDX, 2, 0)); // three lanes
    for (int i = 1; i < base.length; i++) {
      a.lea(base[i], Mem.at(base[i - 1], Gpr.RDX, 4, 0));
    }
    Label block = a.label();
    a.bind(block);
    for (int lane = 0; lane < LANES; lane++) {
      if (lane >= lanes) {
        Emit.zero(a, zmm(lane));
        continue;
      }
      Gpr of = base[lane / 4];
      Mem at =
          switch (lane % 4) {
            case 0 -> Mem.at(of, 0);
            case 3 -> Mem.at(of, Gpr.RAX, 1, 0);
            default -> Mem.at(of, Gpr.RDX, lane % 4, 0);
          };
      a.op(Op.VMOVUPS, zmm(lane), at);
      if (bfloat16) {
        a.op(Op.VMOVUPS, zmm(16), at.plus(64));
        a.op(Op.VCVTNE2PS2BF16, zmm(lane), zmm(16), zmm(lane));
      }
    }
    Emit.transpose16(a);
    for (int i = 0; i < LANES; i++) {
      a.op(Op.VMOVUPS_STORE, Mem.at(Gpr.RSI, i * step), zmm(i));
    }
    for (Gpr of : base) {
      a.add(of, bfloat16 ? 128 : 64);
    }
    a.add(Gpr.RSI, LANES * step);
    a.sub(Gpr.RCX, 1);
    a.jump(Assembler.Condition.NE, block);
    a.vzeroupper();
    a.ret();
    return entry;
  }

  /**
   * (from, to, bytes from a step of the depth to the next, words): lanes that lie side by side are
   * copied, a word of the depth at a time. 512 bits only.
   *
   * @param vectors of 16 lanes
   */
  int copy(int vectors) {
    final int entry = a.begin("float_copy" + (bfloat16 ? "_bf16" : "") + "_" + LANES * vectors);
    Vec order = zmm(31);
    if (bfloat16) {
      a.op(Op.VMOVUPS, order, Emit.halvesInTurn(a));
    }
    Label next = a.label();
    a.bind(next);
    for (int v = 0; v < vectors; v++) {
      a.op(Op.VMOVUPS, zmm(v), Mem.at(Gpr.RDI, 64 * v));
      if (bfloat16) {
        a.op(Op.VMOVUPS, zmm(8 + v), Mem.at(Gpr.RDI, Gpr.RDX, 1, 64 * v));
        a.op(Op.VCVTNE2PS2BF16, zmm(v), zmm(8 + v), zmm(v));
        a.op(Op.VPERMW, zmm(v), order, zmm(v));
      }
      a.op(Op.VMOVUPS_STORE, Mem.at(Gpr.RSI, 64 * v), zmm(v));
    }
    a.add(Gpr.RDI, Gpr.RDX);
    if (bfloat16) {
      a.add(Gpr.RDI, Gpr.RDX);
    }
    a.add(Gpr.RSI, 64 * vectors);
    a.sub(Gpr.RCX, 1);
    a.jump(Assembler.Condition.NE, next);
    a.vzeroupper();
    a.ret();
    return entry;
  }
}
