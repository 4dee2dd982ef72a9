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
    return (depth + depthOfWord - 1) / depthOfWord;
  }

  @Override
  void packLeft(
      float[] a, int source, int row, int column, int height, int depth, float[] out, int at) {
    boolean whole = height == rows;
    pack(true, whole, a, source, row, column, height, leftStride, depth, out, at);
  }

  @Override
  void packRight(
      float[] b, int source, int row, int column, int width, int depth, float[] out, int at) {
    boolean whole = width == columns;
    pack(false, whole, b, source, column, row, width, columns, depth, out, at);
  }

  private void pack(
      boolean left,
      boolean whole,
      float[] from,
      int source,
      int lane,
      int step,
      int used,
      int width,
      int depth,
      float[] out,
      int at) {
    int done = 0;
    if (whole && code.packs()) {
      if (step == 1) {
        done = depth - depth % code.depthOfBlock();
        if (done > 0) {
          code.transpose(left, from, source, lane, done, out, at);
        }
      } else if (lane == 1) {
        // Whole vectors are read: not beyond the array's end.
        int fitting = Math.floorDiv(from.length - code.lanes(left) - source, step) + 1;
        done = Math.max(0, Math.min(depth, fitting));
        done -= done % depthOfWord;
        if (done > 0) {
          code.copy(left, from, source, step, done, out, at);
        }
      }
    }
    if (done < depth) {
      if (depthOfWord == 2) {
        Packing.pairs(from, source, lane, step, used, width, done, depth, out, at);
      } else {
        Packing.lanes(from, source, lane, step, used, width, done, depth, out, at);
      }
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
