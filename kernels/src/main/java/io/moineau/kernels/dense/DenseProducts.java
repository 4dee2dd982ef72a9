package io.moineau.kernels.dense;

import io.moineau.kernels.ThreadTeam;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * Products of float matrices on the heap, several at once, over a thread team.
 *
 * <p>Right sides are packed first, then blocks of results are computed, all pieces of all products
 * in one list. An element is summed by one thread in the order of the depth, so results do not
 * depend on the number of threads.
 *
 * <p>Not for several callers at once.
 */
public final class DenseProducts {
  private static final int BLOCK_ROWS = 98;
  private static final int LEAST_BLOCK_ROWS = 24;
  private static final int BLOCK_COLUMNS = 512;
  private static final int PIECES_PER_THREAD = 6;

  private final ThreadTeam team;
  private final Factors layers;
  private final Function<Factors, Tile> tiles;
  private final Panels[][] panels; // by factors and thread
  private final List<Operands> pool = new ArrayList<>();
  private int count;
  private float[] packed = new float[0];
  private int[] pieces = new int[0]; // [product, from row, to row, from column]
  private int numPieces;
  private int blockRows;

  /** Products on this team; nothing is rounded. */
  public DenseProducts(ThreadTeam team) {
    this(team, Factors.FLOAT32);
  }

  /**
   * Products on this team.
   *
   * @param layers what the factors of {@link #forward}, {@link #toInput} and {@link #toWeight} are
   *     rounded to, unless their operands are told otherwise
   */
  public DenseProducts(ThreadTeam team, Factors layers) {
    this(team, layers, Tile::here);
  }

  DenseProducts(ThreadTeam team, Factors layers, Function<Factors, Tile> tiles) {
    this.team = team;
    this.layers = layers;
    this.tiles = tiles;
    panels = new Panels[Factors.values().length][team.size()];
    for (Factors factors : Factors.values()) {
      for (int i = 0; i < team.size(); i++) {
        panels[factors.ordinal()][i] = new Panels(tiles.apply(factors));
      }
    }
  }

  /** What computes products of such factors, for people. */
  public static String describe(Factors factors) {
    return Tile.here(factors).describe();
  }

  private Tile tile(Operands of) {
    return tiles.apply(of.factors);
  }

  private Panels panels(Operands of, int thread) {
    return panels[of.factors.ordinal()][thread];
  }

  /** Adds a product to the list that {@link #run} computes; its operands are to be set. */
  public Operands add() {
    if (count == pool.size()) {
      pool.add(new Operands());
    }
    return pool.get(count++).factors(Factors.FLOAT32);
  }

  /**
   * Computes one product within a piece of a region of the team.
   *
   * @param thread the number that the team gave the piece
   */
  public void multiplyHere(int thread, Operands operands) {
    packHere(thread, 0, operands);
    multiplyPacked(thread, 0, operands, operands.n, operands.k);
  }

  /**
   * Packs a right side for {@link #multiplyPacked}, into one of {@value Panels#RIGHT_SIDES} slots
   * of a thread.
   */
  public void packHere(int thread, int slot, Operands operands) {
    operands.checkRight();
    panels(operands, thread).pack(slot, operands);
  }

  /**
   * Computes the first columns of a product over the first part of its depth, with the right side
   * that the thread packed; n and k are still those of the packed side.
   */
  public void multiplyPacked(int thread, int slot, Operands operands, int toColumn, int toDepth) {
    operands.checkPart(toColumn, toDepth);
    panels(operands, thread).multiply(slot, operands, toColumn, toDepth);
  }

  /** {@code y[t][r] (+)= sum over c of w[r][c] * x[t][c]}: a linear layer. */
  public Operands forward(
      float[] x, int xo, int tokens, float[] w, int wo, int in, int out, float[] y, int yo) {
    return add()
        .factors(layers)
        .shape(tokens, out, in, false)
        .left(x, xo, in, 1)
        .right(w, wo, 1, in)
        .result(y, yo, out);
  }

  /** {@code dx[t][c] += sum over r of dy[t][r] * w[r][c]}: its gradient to the input. */
  public Operands toInput(
      float[] dy, int dyo, int tokens, float[] w, int wo, int in, int out, float[] dx, int dxo) {
    return add()
        .factors(layers)
        .shape(tokens, in, out, true)
        .left(dy, dyo, out, 1)
        .right(w, wo, in, 1)
        .result(dx, dxo, in);
  }

  /** {@code dw[r][c] += sum over t of dy[t][r] * x[t][c]}: its gradient to the weights. */
  public Operands toWeight(
      float[] dy, int dyo, float[] x, int xo, int tokens, int in, int out, float[] dw, int dwo) {
    return add()
        .factors(layers)
        .shape(out, in, tokens, true)
        .left(dy, dyo, 1, out)
        .right(x, xo, in, 1)
        .result(dw, dwo, in);
  }

  /** Computes the products that were added, and forgets them. */
  public void run() {
    try {
      keepReal();
      pack();
      cut();
      team.run(numPieces, this::block);
    } finally {
      count = 0;
    }
  }

  /** Leaves out products of nothing. A product of depth 0 that does not add writes zeros. */
  private void keepReal() {
    int kept = 0;
    for (int i = 0; i < count; i++) {
      Operands of = pool.get(i);
      of.check();
      if (of.m == 0 || of.n == 0) {
        continue;
      }
      if (of.k == 0) {
        for (int row = 0; row < of.m && !of.add; row++) {
          int from = of.co + row * of.cRow;
          java.util.Arrays.fill(of.c, from, from + of.n, 0);
        }
        continue;
      }
      pool.set(i, pool.get(kept));
      pool.set(kept++, of);
    }
    count = kept;
  }

  private void pack() {
    int floats = 0;
    int groups = 0;
    for (int i = 0; i < count; i++) {
      Operands of = pool.get(i);
      of.packedAt = floats;
      floats = Math.addExact(floats, Panels.rightSize(of.n, of.k, tile(of)));
      groups += groups(of);
    }
    if (packed.length < floats) {
      packed = new float[floats];
    }
    team.run(groups, this::packGroup);
  }

  private static int groups(Operands of) {
    return (of.n + BLOCK_COLUMNS - 1) / BLOCK_COLUMNS;
  }

  private void packGroup(int piece, int thread) {
    int rest = piece;
    int i = 0;
    while (rest >= groups(pool.get(i))) {
      rest -= groups(pool.get(i++));
    }
    Operands of = pool.get(i);
    int from = rest * BLOCK_COLUMNS;
    int to = Math.min(of.n, from + BLOCK_COLUMNS);
    Panels.packRight(of, from, to, packed, of.packedAt, tile(of));
  }

  /** Cuts results into blocks, smaller ones where there would be too few for the team. */
  private void cut() {
    blockRows = BLOCK_ROWS;
    list();
    while (team.size() > 1
        && numPieces < PIECES_PER_THREAD * team.size()
        && blockRows > LEAST_BLOCK_ROWS) {
      blockRows /= 2;
      list();
    }
  }

  private void list() {
    numPieces = 0;
    for (int i = 0; i < count; i++) {
      Operands of = pool.get(i);
      int tileRows = tile(of).rows;
      int rows = Math.max(1, blockRows / tileRows) * tileRows;
      for (int row = 0; row < of.m; row += rows) {
        for (int column = 0; column < of.n; column += BLOCK_COLUMNS) {
          if (pieces.length < 4 * numPieces + 4) {
            pieces = java.util.Arrays.copyOf(pieces, 2 * pieces.length + 256);
          }
          pieces[4 * numPieces] = i;
          pieces[4 * numPieces + 1] = row;
          pieces[4 * numPieces + 2] = Math.min(of.m, row + rows);
          pieces[4 * numPieces + 3] = column;
          numPieces++;
        }
      }
    }
  }

  private void block(int piece, int thread) {
    Operands of = pool.get(pieces[4 * piece]);
    int column = pieces[4 * piece + 3];
    panels(of, thread)
        .block(
            of,
            pieces[4 * piece + 1],
            pieces[4 * piece + 2],
            column,
            Math.min(of.n, column + BLOCK_COLUMNS),
            of.k,
            packed,
            of.packedAt);
  }
}
