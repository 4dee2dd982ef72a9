package io.moineau.kernels.dense;

import io.moineau.kernels.ProviderWish;
import io.moineau.kernels.x86.FloatTiles;
import java.util.Optional;

/**
 * The innermost part of a product: how many rows and columns are computed at once, how both sides
 * are packed for it, and the loop.
 *
 * <p>Sides are packed in words of 32 bits: a step of the depth, or two as bfloat16. A left tile has
 * {@code words * leftStride} of them, in an order of its own, a right panel is {@code [words,
 * columns]}.
 */
abstract class Tile {
  private static final class Holder {
    static final Tile FLOAT32 = best(Factors.FLOAT32);
    static final Tile BFLOAT16 = best(Factors.BFLOAT16);
  }

  final int rows;
  final int columns;
  final int leftStride;

  Tile(int rows, int columns, int leftStride) {
    this.rows = rows;
    this.columns = columns;
    this.leftStride = leftStride;
  }

  /** The best that works in this process. */
  static Tile here(Factors factors) {
    return factors == Factors.FLOAT32 ? Holder.FLOAT32 : Holder.BFLOAT16;
  }

  private static Tile best(Factors factors) {
    ProviderWish wish = ProviderWish.ofEnvironment();
    Optional<FloatTiles> code =
        switch (wish.provider()) {
          case "auto", "x86" -> FloatTiles.open(factors == Factors.BFLOAT16, wish.limit());
          default -> Optional.empty();
        };
    if (wish.provider().equals("scalar")) {
      return new LoopTile(new ScalarLoops(), factors);
    }
    return code.<Tile>map(CodeTile::new).orElseGet(() -> new LoopTile(FloatLoops.HERE, factors));
  }

  /** What computes, for people. */
  abstract String describe();

  /** Words that so many steps of the depth take. */
  abstract int words(int depth);

  /**
   * Packs a tile of a: element (i, p) is {@code a[source + i * row + p * column]}, zero from {@code
   * height} rows on.
   */
  abstract void packLeft(
      float[] a, int source, int row, int column, int height, int depth, float[] out, int at);

  /**
   * Packs a panel of b: element (p, j) is {@code b[source + p * row + j * column]}, zero from
   * {@code width} columns on.
   */
  abstract void packRight(
      float[] b, int source, int row, int column, int width, int depth, float[] out, int at);

  /**
   * Tiles of a, one behind the other, times a panel: {@code c = (add ? c : 0) + a * b}, the sum
   * over the depth being made first. Rows of c are {@code ldc} apart.
   */
  abstract void multiply(
      float[] left,
      int leftAt,
      int tiles,
      float[] right,
      int rightAt,
      int depth,
      float[] c,
      int at,
      int ldc,
      boolean add);
}
