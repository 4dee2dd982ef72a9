package io.moineau.kernels.dense;

/**
 * One thread's memory for a product, and the loops around a tile.
 *
 * <p>Operands are copied into panels in the order in which the tile reads them, whatever their
 * strides: so one loop serves a product, and those of its gradients, where one side or the other is
 * transposed. Depth is cut into slices of {@value #SLICE}: a panel of b then stays in the first
 * level cache while rows of a stream by.
 */
final class Panels {
  static final int SLICE = 256;

  /** Right sides that a thread may keep packed at once. */
  static final int RIGHT_SIDES = 4;

  private final FloatLoops loops;
  private final int rows = FloatLoops.TILE_ROWS;
  private final int columns;
  private final float[] edge;
  private float[] left = new float[0];
  private final float[][] right = new float[RIGHT_SIDES][0];

  Panels(FloatLoops loops) {
    this.loops = loops;
    columns = loops.tileColumns();
    edge = new float[rows * columns];
  }

  /** Floats that {@link #packRight} writes. */
  static int rightSize(int n, int k, int tileColumns) {
    return (n + tileColumns - 1) / tileColumns * tileColumns * k;
  }

  /**
   * Copies columns {@code from} to {@code to} (from a multiple of the tile's columns on) of b into
   * panels: slices of the depth, in each the panels, in each {@code [depth, tileColumns]}.
   */
  static void packRight(Operands of, int from, int to, float[] out, int at, int tileColumns) {
    int padded = (of.n + tileColumns - 1) / tileColumns * tileColumns;
    for (int slice = 0; slice < of.k; slice += SLICE) {
      int depth = Math.min(SLICE, of.k - slice);
      for (int j = from; j < to; j += tileColumns) {
        int width = Math.min(tileColumns, of.n - j);
        int panel = at + slice * padded + j * depth;
        int source = of.bo + slice * of.bRow + j * of.bColumn;
        if (of.bColumn == 1) {
          packRows(of, source, depth, width, out, panel, tileColumns);
        } else {
          packColumns(of, source, depth, width, out, panel, tileColumns);
        }
      }
    }
  }

  private static void packRows(
      Operands of, int source, int depth, int width, float[] out, int panel, int tileColumns) {
    for (int p = 0; p < depth; p++) {
      int row = panel + p * tileColumns;
      System.arraycopy(of.b, source + p * of.bRow, out, row, width);
      for (int j = width; j < tileColumns; j++) {
        out[row + j] = 0;
      }
    }
  }

  private static void packColumns(
      Operands of, int source, int depth, int width, float[] out, int panel, int tileColumns) {
    float[] b = of.b;
    int step = of.bRow;
    // Four columns at a time: fewer passes over the lines of the panel.
    for (int j = 0; j + 4 <= width; j += 4) {
      int s0 = source + j * of.bColumn;
      int s1 = s0 + of.bColumn;
      int s2 = s1 + of.bColumn;
      int s3 = s2 + of.bColumn;
      for (int p = 0; p < depth; p++) {
        int to = panel + p * tileColumns + j;
        out[to] = b[s0 + p * step];
        out[to + 1] = b[s1 + p * step];
        out[to + 2] = b[s2 + p * step];
        out[to + 3] = b[s3 + p * step];
      }
    }
    for (int j = width & ~3; j < tileColumns; j++) {
      int s = source + j * of.bColumn;
      for (int p = 0; p < depth; p++) {
        out[panel + p * tileColumns + j] = j < width ? b[s + p * step] : 0;
      }
    }
  }

  private void packLeft(Operands of, int firstRow, int lastRow, int slice, int depth) {
    int tiles = (lastRow - firstRow + rows - 1) / rows;
    if (left.length < tiles * rows * SLICE) {
      left = new float[tiles * rows * SLICE];
    }
    for (int tile = 0; tile < tiles; tile++) {
      int row = firstRow + tile * rows;
      int height = Math.min(rows, lastRow - row);
      int source = of.ao + row * of.aRow + slice * of.aColumn;
      if (height == rows) {
        packTile(of.a, source, of.aRow, of.aColumn, depth, left, tile * rows * depth);
      } else {
        packPart(of, source, height, depth, tile * rows * depth);
      }
    }
  }

  private static void packTile(
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

  private void packPart(Operands of, int source, int height, int depth, int at) {
    for (int p = 0; p < depth; p++) {
      for (int i = 0; i < rows; i++) {
        left[at + p * rows + i] = i < height ? of.a[source + i * of.aRow + p * of.aColumn] : 0;
      }
    }
  }

  /** Packs a right side into this thread's memory number {@code slot}. */
  void pack(int slot, Operands of) {
    int size = rightSize(of.n, of.k, columns);
    if (right[slot].length < size) {
      right[slot] = new float[size];
    }
    packRight(of, 0, of.n, right[slot], 0, columns);
  }

  /** Computes all of a product whose right side was packed, or of its first columns and depth. */
  void multiply(int slot, Operands of, int toColumn, int toDepth) {
    block(of, 0, of.m, 0, toColumn, toDepth, right[slot], 0);
  }

  /** Computes rows and columns of a product whose right side is packed, up to a depth. */
  void block(
      Operands of,
      int fromRow,
      int toRow,
      int fromColumn,
      int toColumn,
      int toDepth,
      float[] packed,
      int at) {
    int padded = (of.n + columns - 1) / columns * columns;
    for (int slice = 0; slice < toDepth; slice += SLICE) {
      int packedDepth = Math.min(SLICE, of.k - slice);
      int depth = Math.min(SLICE, toDepth - slice);
      packLeft(of, fromRow, toRow, slice, depth);
      boolean add = of.add || slice > 0;
      for (int j = fromColumn; j < toColumn; j += columns) {
        int panel = at + slice * padded + j * packedDepth;
        panel(of, fromRow, toRow, j, toColumn, depth, packed, panel, add);
      }
    }
  }

  private void panel(
      Operands of,
      int fromRow,
      int toRow,
      int j,
      int toColumn,
      int depth,
      float[] packed,
      int at,
      boolean add) {
    boolean wide = toColumn - j >= columns;
    for (int i = fromRow; i < toRow; i += rows) {
      int from = (i - fromRow) * depth;
      int to = of.co + i * of.cRow + j;
      if (wide && toRow - i >= rows) {
        loops.tile(left, from, packed, at, depth, of.c, to, of.cRow, add);
      } else {
        loops.tile(left, from, packed, at, depth, edge, 0, columns, false);
        putEdge(of, to, Math.min(rows, toRow - i), Math.min(columns, toColumn - j), add);
      }
    }
  }

  private void putEdge(Operands of, int to, int height, int width, boolean add) {
    for (int i = 0; i < height; i++) {
      for (int j = 0; j < width; j++) {
        int at = to + i * of.cRow + j;
        of.c[at] = add ? of.c[at] + edge[i * columns + j] : edge[i * columns + j];
      }
    }
  }
}
