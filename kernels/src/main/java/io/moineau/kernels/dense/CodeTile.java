package io.moineau.kernels.dense;

import io.moineau.kernels.x86.FloatTiles;

/** A tile in machine code. Whole tiles are packed by machine code too where it can. */
final class CodeTile extends Tile {
  private final FloatTiles code;
  private final int depthOfWord;

  CodeTile(FloatTiles code) {
    super(code.rows(), code.columns(), code.leftStride());
    this.code = code;
    depthOfWord = code.depthOfWord();
  }

  @Override
  String describe() {
    return code.describe();
  }

  @Override
  int words(int depth) {
    return code.words(depth);
  }

  @Override
  void packLeft(
      float[] a, int source, int row, int column, int height, int depth, float[] out, int at) {
    int done = 0;
    if (height == rows) {
      done = whole(true, a, source, row, column, depth, out, at);
    }
    if (code.leftInRows()) {
      if (done < depth) {
        Packing.rows(a, source, row, column, height, rows, words(depth), depth, out, at);
      }
    } else {
      rest(a, source, row, column, height, leftStride, done, depth, out, at);
    }
  }

  @Override
  void packRight(
      float[] b, int source, int row, int column, int width, int depth, float[] out, int at) {
    int done = 0;
    if (width == columns) {
      done = whole(false, b, source, column, row, depth, out, at);
    }
    rest(b, source, column, row, width, columns, done, depth, out, at);
    int used = (depth + depthOfWord - 1) / depthOfWord;
    java.util.Arrays.fill(out, at + used * columns, at + words(depth) * columns, 0);
  }

  /** Packs by machine code as much of the depth as it can, and says how much that is. */
  private int whole(
      boolean left, float[] from, int source, int lane, int step, int depth, float[] out, int at) {
    if (!code.packs() || lane != 1 && step != 1) {
      return 0;
    }
    int most = depth;
    if (step != 1) { // whole vectors are read: not beyond the array's end
      int fitting = Math.floorDiv(from.length - code.lanes(left) - source, step) + 1;
      most = Math.max(0, Math.min(depth, fitting));
    }
    boolean inRows = left && code.leftInRows();
    int unit = step == 1 || inRows ? code.depthOfBlock() : depthOfWord;
    int done = most - most % unit;
    if (done == 0 || inRows && done < depth) {
      return 0;
    }
    if (step == 1) {
      code.packRows(left, from, source, lane, done, out, at);
    } else {
      code.packColumns(left, from, source, step, done, out, at);
    }
    return done;
  }

  private void rest(
      float[] from,
      int source,
      int lane,
      int step,
      int used,
      int width,
      int done,
      int depth,
      float[] out,
      int at) {
    if (done == depth) {
      return;
    }
    if (depthOfWord == 2) {
      Packing.pairs(from, source, lane, step, used, width, done, depth, out, at);
    } else {
      Packing.lanes(from, source, lane, step, used, width, done, depth, out, at);
    }
  }

  @Override
  void multiply(
      float[] left,
      int leftAt,
      int tiles,
      float[] right,
      int rightAt,
      int depth,
      float[] c,
      int at,
      int ldc,
      boolean add) {
    code.multiply(left, leftAt, tiles, right, rightAt, words(depth), c, at, ldc, add);
  }
}
