package io.moineau.kernels.dense;

/** A tile by {@link FloatLoops}; bfloat16 is what its packed sides are rounded to. */
final class LoopTile extends Tile {
  private final FloatLoops loops;
  private final boolean rounds;

  LoopTile(FloatLoops loops, Factors factors) {
    super(FloatLoops.TILE_ROWS, loops.tileColumns(), FloatLoops.TILE_ROWS);
    this.loops = loops;
    this.rounds = factors == Factors.BFLOAT16;
  }

  @Override
  String describe() {
    return loops.describe();
  }

  @Override
  int words(int depth) {
    return depth;
  }

  @Override
  void packLeft(
      float[] a, int source, int row, int column, int height, int depth, float[] out, int at) {
    if (height == rows) {
      packSix(a, source, row, column, depth, out, at);
    } else {
      Packing.lanes(a, source, row, column, height, leftStride, 0, depth, out, at);
    }
    round(out, at, depth * leftStride);
  }

  /** All six rows of a tile. */
  private static void packSix(
      float[] a, int source, int row, int column, int depth, float[] out, int at) {
    int s1 = source + row;
    int s2 = s1 + row;
    int s3 = s2 + row;
    int s4 = s3 + row;
    int s5 = s4 + row;
    for (int p = 0; p < depth; p++) {
      int to = at + p * 6;
      int step = p * column;
      out[to] = a[source + step];
      out[to + 1] = a[s1 + step];
      out[to + 2] = a[s2 + step];
      out[to + 3] = a[s3 + step];
      out[to + 4] = a[s4 + step];
      out[to + 5] = a[s5 + step];
    }
  }

  @Override
  void packRight(
      float[] b, int source, int row, int column, int width, int depth, float[] out, int at) {
    if (column == 1) {
      packRows(b, source, row, width, depth, out, at);
    } else {
      packColumns(b, source, row, column, width, depth, out, at);
    }
    round(out, at, depth * columns);
  }

  private void packRows(float[] b, int source, int row, int width, int depth, float[] out, int at) {
    for (int p = 0; p < depth; p++) {
      int to = at + p * columns;
      System.arraycopy(b, source + p * row, out, to, width);
      for (int j = width; j < columns; j++) {
        out[to + j] = 0;
      }
    }
  }

  private void packColumns(
      float[] b, int source, int row, int column, int width, int depth, float[] out, int at) {
    // Four columns at a time: fewer passes over the lines of the panel.
    for (int j = 0; j + 4 <= width; j += 4) {
      int s0 = source + j * column;
      int s1 = s0 + column;
      int s2 = s1 + column;
      int s3 = s2 + column;
      for (int p = 0; p < depth; p++) {
        int to = at + p * columns + j;
        out[to] = b[s0 + p * row];
        out[to + 1] = b[s1 + p * row];
        out[to + 2] = b[s2 + p * row];
        out[to + 3] = b[s3 + p * row];
      }
    }
    for (int j = width & ~3; j < columns; j++) {
      int s = source + j * column;
      for (int p = 0; p < depth; p++) {
        out[at + p * columns + j] = j < width ? b[s + p * row] : 0;
      }
    }
  }

  private void round(float[] values, int at, int count) {
    if (rounds) {
      for (int i = at; i < at + count; i++) {
        values[i] = Bfloat16.round(values[i]);
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
    for (int i = 0; i < tiles; i++) {
      int from = leftAt + i * depth * leftStride;
      loops.tile(left, from, right, rightAt, depth, c, at + i * rows * ldc, ldc, add);
    }
  }
}
