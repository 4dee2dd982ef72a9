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
  static final int SLICE = 256; // even: with bfloat16 a word never spans two slices

  /** Right sides that a thread may keep packed at once. */
  static final int RIGHT_SIDES = 4;

  private final Tile tile;
  private final float[] edge;
  private float[] left = new float[0];
  private final float[][] right = new float[RIGHT_SIDES][0];

  Panels(Tile tile) {
    this.tile = tile;
    edge = new float[tile.rows * tile.columns];
  }

  /** Floats that {@link #packRight} writes. */
  static int rightSize(int n, int k, Tile tile) {
    int slices = k / SLICE * tile.words(SLICE) + tile.words(k % SLICE);
    return padded(n, tile) * slices;
  }

  private static int padded(int n, Tile tile) {
    return (n + tile.columns - 1) / tile.columns * tile.columns;
  }

  /** Where a panel begins: slices of the depth, in each the panels. */
  private static int panelAt(int slice, int column, int depth, int padded, Tile tile) {
    return slice / SLICE * tile.words(SLICE) * padded + column * tile.words(depth);
  }

  /** Packs columns {@code from} to {@code to} (from a multiple of the tile's columns on) of b. */
  static void packRight(Operands of, int from, int to, float[] out, int at, Tile tile) {
    int padded = padded(of.n, tile);
    for (int slice = 0; slice < of.k; slice += SLICE) {
      int depth = Math.min(SLICE, of.k - slice);
      for (int j = from; j < to; j += tile.columns) {
        int width = Math.min(tile.columns, of.n - j);
        int panel = at + panelAt(slice, j, depth, padded, tile);
        int source = of.bo + slice * of.bRow + j * of.bColumn;
        tile.packRight(of.b, source, of.bRow, of.bColumn, width, depth, out, panel);
      }
    }
  }

  private void packLeft(Operands of, int firstRow, int lastRow, int slice, int depth) {
    int tiles = (lastRow - firstRow + tile.rows - 1) / tile.rows;
    int most = tiles * tile.leftStride * tile.words(SLICE);
    if (left.length < most) {
      left = new float[most];
    }
    for (int i = 0; i < tiles; i++) {
      int row = firstRow + i * tile.rows;
      int height = Math.min(tile.rows, lastRow - row);
      int source = of.ao + row * of.aRow + slice * of.aColumn;
      int at = i * tile.leftStride * tile.words(depth);
      tile.packLeft(of.a, source, of.aRow, of.aColumn, height, depth, left, at);
    }
  }

  /** Packs a right side into this thread's memory number {@code slot}. */
  void pack(int slot, Operands of) {
    int size = rightSize(of.n, of.k, tile);
    if (right[slot].length < size) {
      right[slot] = new float[size];
    }
    packRight(of, 0, of.n, right[slot], 0, tile);
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
    int padded = padded(of.n, tile);
    for (int slice = 0; slice < toDepth; slice += SLICE) {
      int packedDepth = Math.min(SLICE, of.k - slice);
      int depth = Math.min(SLICE, toDepth - slice);
      packLeft(of, fromRow, toRow, slice, depth);
      boolean add = of.add || slice > 0;
      for (int j = fromColumn; j < toColumn; j += tile.columns) {
        int panel = at + panelAt(slice, j, packedDepth, padded, tile);
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
    int width = Math.min(tile.columns, toColumn - j);
    int whole = width == tile.columns ? (toRow - fromRow) / tile.rows : 0;
    int to = of.co + fromRow * of.cRow + j;
    if (whole > 0) {
      tile.multiply(left, 0, whole, packed, at, depth, of.c, to, of.cRow, add);
    }
    for (int i = whole; fromRow + i * tile.rows < toRow; i++) {
      int row = fromRow + i * tile.rows;
      int from = i * tile.leftStride * tile.words(depth);
      tile.multiply(left, from, 1, packed, at, depth, edge, 0, tile.columns, false);
      putEdge(of, of.co + row * of.cRow + j, Math.min(tile.rows, toRow - row), width, add);
    }
  }

  private void putEdge(Operands of, int to, int height, int width, boolean add) {
    for (int i = 0; i < height; i++) {
      for (int j = 0; j < width; j++) {
        int at = to + i * of.cRow + j;
        float value = edge[i * tile.columns + j];
        of.c[at] = add ? of.c[at] + value : value;
      }
    }
  }
}
