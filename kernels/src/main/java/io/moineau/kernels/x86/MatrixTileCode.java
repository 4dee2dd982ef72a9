package io.moineau.kernels.x86;

import static io.moineau.kernels.x86.Operand.zmm;

import io.moineau.kernels.x86.Operand.Gpr;
import io.moineau.kernels.x86.Operand.Label;
import io.moineau.kernels.x86.Operand.Mem;
import io.moineau.kernels.x86.Operand.Tile;

/**
 * Code for products of bfloat16 by AMX: 32 rows times 32 columns in four tiles of sums, and the
 * left side's packing. Right panels are those of {@link FloatTileCode}: a line of 16 pairs is what
 * a tile wants.
 *
 * <p>A left tile is {@code [rows, words]}: its depth lies in a row, 16 words of it are a tile's
 * line. So the depth is padded to whole lines on both sides.
 */
final class MatrixTileCode {
  static final int ROWS = 32;
  static final int COLUMNS = 32;

  /** Words of the depth that are multiplied at once. */
  static final int LINE = 16;

  private static final int LINE_BYTES = 4 * LINE;
  private static final int PANEL_BYTES = 4 * COLUMNS;

  private final Assembler a;

  MatrixTileCode(Assembler a) {
    this.a = a;
  }

  private static Tile sum(int row, int column) {
    return new Tile(2 * row + column);
  }

  private static Tile left(int row) {
    return new Tile(4 + row);
  }

  private static Tile right(int column) {
    return new Tile(6 + column);
  }

  /** The arguments of {@link FloatTileCode#tiles}. */
  int tiles(boolean add) {
    final int entry = a.begin("matrix_tiles" + (add ? "_add" : ""));
    final Gpr tiles = Gpr.RCX;
    final Gpr rowOfC = Gpr.R9;
    final Gpr rowOfLeft = Gpr.R13;
    final Gpr rowOfRight = Gpr.R10;
    final Gpr x = Gpr.RDI;
    final Gpr lowerX = Gpr.R12;
    final Gpr lowerC = Gpr.RBX;
    final Gpr w = Gpr.R11;
    final Gpr count = Gpr.RBP;
    Emit.enter(a);
    a.op(Op.LDTILECFG, configuration());
    a.mov(rowOfLeft, Gpr.R8);
    a.shl(rowOfLeft, 2);
    a.mov(rowOfRight, PANEL_BYTES);
    a.shr(Gpr.R8, 4); // lines
    Label tile = a.label();
    a.bind(tile);
    a.mov(lowerC, rowOfC);
    a.shl(lowerC, 4);
    a.add(lowerC, Gpr.RDX);
    for (int i = 0; i < 4; i++) {
      if (add) {
        Mem at = Mem.at(i < 2 ? Gpr.RDX : lowerC, rowOfC, 1, LINE_BYTES * (i % 2));
        a.op(Op.TILELOADD, sum(i / 2, i % 2), at);
      } else {
        a.op(Op.TILEZERO, sum(i / 2, i % 2));
      }
    }
    a.mov(lowerX, rowOfLeft);
    a.shl(lowerX, 4);
    a.add(lowerX, x);
    a.mov(w, Gpr.RSI);
    a.mov(count, Gpr.R8);
    Label line = a.label();
    a.bind(line);
    a.op(Op.TILELOADD, right(0), Mem.at(w, rowOfRight, 1, 0));
    a.op(Op.TILELOADD, left(0), Mem.at(x, rowOfLeft, 1, 0));
    a.op(Op.TDPBF16PS, sum(0, 0), left(0), right(0));
    a.op(Op.TILELOADD, right(1), Mem.at(w, rowOfRight, 1, LINE_BYTES));
    a.op(Op.TDPBF16PS, sum(0, 1), left(0), right(1));
    a.op(Op.TILELOADD, left(1), Mem.at(lowerX, rowOfLeft, 1, 0));
    a.op(Op.TDPBF16PS, sum(1, 0), left(1), right(0));
    a.op(Op.TDPBF16PS, sum(1, 1), left(1), right(1));
    a.add(x, LINE_BYTES);
    a.add(lowerX, LINE_BYTES);
    a.add(w, LINE * PANEL_BYTES);
    a.sub(count, 1);
    a.jump(Assembler.Condition.NE, line);
    for (int i = 0; i < 4; i++) {
      Mem at = Mem.at(i < 2 ? Gpr.RDX : lowerC, rowOfC, 1, LINE_BYTES * (i % 2));
      a.op(Op.TILESTORED, at, sum(i / 2, i % 2));
    }
    // x stands at the end of the upper half, lowerX at that of the whole tile of a.
    a.lea(x, Mem.at(lowerX, rowOfLeft, 8, 0));
    a.lea(x, Mem.at(x, rowOfLeft, 8, 0));
    a.sub(x, rowOfLeft);
    a.lea(Gpr.RDX, Mem.at(lowerC, rowOfC, 8, 0));
    a.lea(Gpr.RDX, Mem.at(Gpr.RDX, rowOfC, 8, 0));
    a.sub(tiles, 1);
    a.jump(Assembler.Condition.NE, tile);
    a.op(Op.TILERELEASE); // else each switch of threads would save eight tiles
    Emit.leave(a);
    return entry;
  }

  /** Palette 1, all eight tiles of 16 lines of 64 bytes. */
  private Mem configuration() {
    int[] words = new int[16];
    words[0] = 1;
    for (int i = 0; i < 4; i++) {
      words[4 + i] = LINE_BYTES | LINE_BYTES << 16;
    }
    words[12] = 0x10101010;
    words[13] = 0x10101010;
    return a.constant(words);
  }

  /** (from, to, bytes from a lane to the next, lines): lanes whose depth lies in a row. */
  int rows() {
    final int entry = a.begin("matrix_rows");
    final Gpr lanes = Gpr.R8;
    a.mov(lanes, ROWS);
    Label lane = a.label();
    a.bind(lane);
    a.mov(Gpr.RAX, Gpr.RDI);
    a.mov(Gpr.R9, Gpr.RCX);
    Label line = a.label();
    a.bind(line);
    a.op(Op.VMOVUPS, zmm(0), Mem.at(Gpr.RAX, 0));
    a.op(Op.VMOVUPS, zmm(1), Mem.at(Gpr.RAX, 64));
    a.op(Op.VCVTNE2PS2BF16, zmm(0), zmm(1), zmm(0));
    a.op(Op.VMOVUPS_STORE, Mem.at(Gpr.RSI, 0), zmm(0));
    a.add(Gpr.RAX, 128);
    a.add(Gpr.RSI, LINE_BYTES);
    a.sub(Gpr.R9, 1);
    a.jump(Assembler.Condition.NE, line);
    a.add(Gpr.RDI, Gpr.RDX);
    a.sub(lanes, 1);
    a.jump(Assembler.Condition.NE, lane);
    a.vzeroupper();
    a.ret();
    return entry;
  }

  /**
   * (from, to, bytes from a step of the depth to the next, lines): 16 lanes that lie side by side,
   * to 16 rows.
   */
  int columns() {
    final int entry = a.begin("matrix_columns");
    final Mem order = Emit.halvesInTurn(a);
    final Gpr row = Gpr.R8; // bytes from a row of the tile to the next
    a.mov(row, Gpr.RCX);
    a.shl(row, 6);
    Label line = a.label();
    a.bind(line);
    a.op(Op.VMOVUPS, zmm(31), order);
    for (int i = 0; i < LINE; i++) {
      a.op(Op.VMOVUPS, zmm(i), Mem.at(Gpr.RDI, 0));
      a.op(Op.VMOVUPS, zmm(30), Mem.at(Gpr.RDI, Gpr.RDX, 1, 0));
      a.op(Op.VCVTNE2PS2BF16, zmm(i), zmm(30), zmm(i));
      a.op(Op.VPERMW, zmm(i), zmm(31), zmm(i));
      a.lea(Gpr.RDI, Mem.at(Gpr.RDI, Gpr.RDX, 2, 0));
    }
    Emit.transpose16(a);
    a.mov(Gpr.RAX, Gpr.RSI);
    for (int i = 0; i < LINE; i++) {
      a.op(Op.VMOVUPS_STORE, Mem.at(Gpr.RAX, 0), zmm(i));
      a.add(Gpr.RAX, row);
    }
    a.add(Gpr.RSI, LINE_BYTES);
    a.sub(Gpr.RCX, 1);
    a.jump(Assembler.Condition.NE, line);
    a.vzeroupper();
    a.ret();
    return entry;
  }
}
