package io.moineau.kernels.dense;

import io.moineau.kernels.ThreadTeam;
import java.util.ArrayList;
import java.util.List;

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
  private static final int BLOCK_ROWS = 16 * FloatLoops.TILE_ROWS;
  private static final int LEAST_BLOCK_ROWS = 4 * FloatLoops.TILE_ROWS;
  private static final int BLOCK_PANELS = 16;
  private static final int PIECES_PER_THREAD = 6;

  private final ThreadTeam team;
  private final FloatLoops loops;
  private final int columns;
  private final Panels[] panels;
  private final List<Operands> pool = new ArrayList<>();
  private int count;
  private float[] packed = new float[0];
  private int[] pieces = new int[0]; // [product, from row, from column]
  private int numPieces;
  private int blockRows;

  /** Products on this team. */
  public DenseProducts(ThreadTeam team) {
    this(team, FloatLoops.HERE);
  }

  DenseProducts(ThreadTeam team, FloatLoops loops) {
    this.team = team;
    this.loops = loops;
    columns = loops.tileColumns();
    panels = new Panels[team.size()];
    for (int i = 0; i < panels.length; i++) {
      panels[i] = new Panels(loops);
    }
  }

  /** Adds a product to the list that {@link #run} computes; its operands are to be set. */
  public Operands add() {
    if (count == pool.size()) {
      pool.add(new Operands());
    }
    return pool.get(count++);
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
    panels[thread].pack(slot, operands);
  }

  /**
   * Computes the first columns of a product over the first part of its depth, with the right side
   * that the thread packed; n and k are still those of the packed side.
   */
  public void multiplyPacked(int thread, int slot, Operands operands, int toColumn, int toDepth) {
    operands.checkPart(toColumn, toDepth);
    panels[thread].multiply(slot, operands, toColumn, toDepth);
  }

  /** {@code y[t][r] (+)= sum over c of w[r][c] * x[t][c]}: a linear layer. */
  public void forward(
      float[] x, int xo, int tokens, float[] w, int wo, int in, int out, float[] y, int yo) {
    add().shape(tokens, out, in, false).left(x, xo, in, 1).right(w, wo, 1, in).result(y, yo, out);
  }

  /** {@code dx[t][c] += sum over r of dy[t][r] * w[r][c]}: its gradient to the input. */
  public void toInput(
      float[] dy, int dyo, int tokens, float[] w, int wo, int in, int out, float[] dx, int dxo) {
    add()
        .shape(tokens, in, out, true)
        .left(dy, dyo, out, 1)
        .right(w, wo, in, 1)
        .result(dx, dxo, in);
  }

  /** {@code dw[r][c] += sum over t of dy[t][r] * x[t][c]}: its gradient to the weights. */
  public void toWeight(
      float[] dy, int dyo, float[] x, int xo, int tokens, int in, int out, float[] dw, int dwo) {
    add()
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
      floats = Math.addExact(floats, Panels.rightSize(of.n, of.k, columns));
      groups += groups(of);
    }
    if (packed.length < floats) {
      packed = new float[floats];
    }
    team.run(groups, this::packGroup);
  }

  private int groups(Operands of) {
    int width = BLOCK_PANELS * columns;
    return (of.n + width - 1) / width;
  }

  private void packGroup(int piece, int thread) {
    int rest = piece;
    int i = 0;
    while (rest >= groups(pool.get(i))) {
      rest -= groups(pool.get(i++));
    }
    Operands of = pool.get(i);
    int from = rest * BLOCK_PANELS * columns;
    int to = Math.min(of.n, from + BLOCK_PANELS * columns);
    Panels.packRight(of, from, to, packed, of.packedAt, columns);
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
      for (int row = 0; row < of.m; row += blockRows) {
        for (int column = 0; column < of.n; column += BLOCK_PANELS * columns) {
          if (pieces.length < 3 * numPieces + 3) {
            pieces = java.util.Arrays.copyOf(pieces, 2 * pieces.length + 192);
          }
          pieces[3 * numPieces] = i;
          pieces[3 * numPieces + 1] = row;
          pieces[3 * numPieces + 2] = column;
          numPieces++;
        }
      }
    }
  }

  private void block(int piece, int thread) {
    Operands of = pool.get(pieces[3 * piece]);
    int row = pieces[3 * piece + 1];
    int column = pieces[3 * piece + 2];
    panels[thread].block(
        of,
        row,
        Math.min(of.m, row + blockRows),
        column,
        Math.min(of.n, column + BLOCK_PANELS * columns),
        of.k,
        packed,
        of.packedAt);
  }
}
