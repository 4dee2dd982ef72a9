package io.moineau.adapt.block;

import io.moineau.kernels.ThreadTeam;
import io.moineau.kernels.dense.DenseProducts;
import io.moineau.kernels.dense.Factors;
import io.moineau.kernels.dense.FloatLoops;

/** The threads that a training runs on, and the products that they share. */
public final class Workers implements AutoCloseable {
  /** Rows of a piece of work: fixed, so that sums do not depend on the number of threads. */
  static final int ROWS = 64;

  /** The loops over rows of floats. */
  public static final FloatLoops LOOPS = FloatLoops.HERE;

  /** A range of rows. */
  @FunctionalInterface
  public interface Range {
    /** Does rows {@code from} to {@code to - 1}, which are piece {@code piece}. */
    void run(int from, int to, int piece);
  }

  private final ThreadTeam team;
  private final DenseProducts products;
  private final Factors factors;

  /** Starts so many threads, the calling one among them; products are of floats. */
  public Workers(int threads) {
    this(threads, Factors.FLOAT32);
  }

  /**
   * Starts so many threads, the calling one among them.
   *
   * @param factors what the factors of the layers' products are rounded to
   */
  public Workers(int threads, Factors factors) {
    team = new ThreadTeam(threads);
    products = new DenseProducts(team, factors);
    this.factors = factors;
  }

  /** What the factors of the layers' products are rounded to. */
  public Factors factors() {
    return factors;
  }

  /** Threads. */
  public int threads() {
    return team.size();
  }

  /** Products over the team. */
  public DenseProducts products() {
    return products;
  }

  /** Runs pieces 0 to {@code pieces - 1}. */
  public void pieces(int pieces, ThreadTeam.Task task) {
    team.run(pieces, task);
  }

  /** Runs {@code n} rows in pieces of {@value #ROWS}. */
  public void rows(int n, Range range) {
    ranges(n, ROWS, range);
  }

  /** Runs {@code n} items in pieces of {@code size}. */
  public void ranges(int n, int size, Range range) {
    team.run(
        pieces(n, size),
        (piece, thread) -> range.run(piece * size, (int) Math.min(n, (piece + 1L) * size), piece));
  }

  static int pieces(int n, int size) {
    return (int) ((n + (long) size - 1) / size);
  }

  @Override
  public void close() {
    team.close();
  }
}
