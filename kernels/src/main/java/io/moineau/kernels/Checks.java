package io.moineau.kernels;

import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.MemorySegment;

/**
 * Checks of arguments, so that kernels may work on bare addresses. Messages are put together only
 * when a check has failed, wherever it runs per token.
 */
final class Checks {
  /** Stands for the threads of a team, which memory of a confined arena shuts out. */
  private static final Thread OTHER = Thread.ofPlatform().unstarted(() -> {});

  private Checks() {}

  /** That memory is native and may be reached by every thread. */
  static void shared(String name, MemorySegment data) {
    if (!data.isNative() || !data.isAccessibleBy(OTHER)) {
      throw new KernelException(
          "kernel-bad-memory",
          "memory cannot be reached by the threads of the team",
          name,
          "native memory of a shared, automatic or global arena",
          "allocate it from Arena.ofShared()");
    }
  }

  static void that(boolean right, String what, String where, String allowed) {
    if (!right) {
      throw new KernelException("kernel-bad-shape", what, where, allowed, "");
    }
  }

  /** That a matrix has at least so many rows and columns. */
  static void matrix(String name, FloatMatrix matrix, int rows, long columns) {
    if (rows < 0 || rows > matrix.rows() || columns < 0 || columns > matrix.columns()) {
      throw new KernelException(
          "kernel-bad-shape",
          "a matrix is too small for the operation",
          name + " is " + matrix.rows() + " x " + matrix.columns(),
          "at least " + rows + " x " + columns,
          "");
    }
    shared(name, matrix.data());
  }

  static void attention(
      AttentionShape shape,
      int n,
      int[] positions,
      int[] sequences,
      int[][] blockTables,
      PagedKv kv,
      int layer) {
    if (layer < 0 || layer >= kv.numLayers() || !fits(shape, kv)) {
      throw new KernelException(
          "kernel-bad-shape",
          "attention does not match the keys and values that are stored",
          shape + " layer=" + layer,
          kv.numLayers()
              + " layers, keys of "
              + kv.keyColumns()
              + " and values of "
              + kv.valueColumns()
              + " columns (0: in the keys), numHeads a multiple of numKeyValueHeads",
          "");
    }
    if (n > positions.length || n > sequences.length) {
      throw new KernelException(
          "kernel-bad-shape",
          "tokens have no position or sequence",
          "n=" + n + " positions=" + positions.length + " sequences=" + sequences.length,
          "one each",
          "");
    }
    for (int t = 0; t < n; t++) {
      int sequence = sequences[t];
      if (sequence < 0
          || sequence >= blockTables.length
          || positions[t] < 0
          || positions[t] / kv.blockTokens() >= blockTables[sequence].length) {
        throw new KernelException(
            "kernel-bad-kv-slot",
            "a token lies outside the blocks of its sequence",
            "token " + t + " sequence=" + sequence + " position=" + positions[t],
            blockTables.length + " sequences, blocks of " + kv.blockTokens() + " tokens",
            "");
      }
    }
  }

  private static boolean fits(AttentionShape shape, PagedKv kv) {
    int kvHeads = shape.numKeyValueHeads();
    float[] sinks = shape.sinks();
    return shape.numHeads() > 0
        && kvHeads > 0
        && shape.numHeads() % kvHeads == 0
        && shape.keyDim() > 0
        && shape.valueDim() > 0
        && shape.slidingWindow() >= 0
        && (sinks == null || sinks.length >= shape.numHeads())
        && (long) kvHeads * shape.keyDim() <= kv.keyColumns()
        && (kv.valueColumns() == 0
            ? kvHeads == 1 && shape.valueDim() <= kv.keyColumns()
            : (long) kvHeads * shape.valueDim() <= kv.valueColumns());
  }
}
