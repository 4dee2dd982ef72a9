package io.moineau.adapt.block;

import io.moineau.kernels.dense.DenseProducts;
import io.moineau.kernels.dense.Operands;

/**
 * Softmax attention of each token over those before it in its segment and itself.
 *
 * <p>Query heads share key-value heads in groups. Queries are taken {@value #ROWS} at a time; of
 * the probabilities only the logarithm of each row's sum is kept, and they are computed again
 * backward (FlashAttention, arXiv 2205.14135).
 */
final class CausalAttention {
  private static final int ROWS = 64;
  private static final int KEYS = 0; // slots of packed sides
  private static final int VALUES = 1;
  private static final int KEYS_BACK = 2;
  private static final int ROWS_SLOT = 3;

  private final Workers workers;
  private final int heads;
  private final int kvHeads;
  private final int keyDim;
  private final int valueDim;
  private final float scale;
  private final Slab logSums; // [tokens, heads]
  private final Operands[] operands;
  private final float[][] scores;
  private final float[][] slopes;

  CausalAttention(
      Blueprint blueprint, int heads, int kvHeads, int keyDim, int valueDim, float scale) {
    this.workers = blueprint.workers();
    this.heads = heads;
    this.kvHeads = kvHeads;
    this.keyDim = keyDim;
    this.valueDim = valueDim;
    this.scale = scale;
    logSums = blueprint.slab(heads);
    operands = new Operands[workers.threads()];
    scores = new float[workers.threads()][ROWS * blueprint.maxPositions()];
    slopes = new float[workers.threads()][ROWS * blueprint.maxPositions()];
    for (int i = 0; i < operands.length; i++) {
      operands[i] = new Operands();
    }
  }

  /**
   * Attends.
   *
   * @param q {@code [n, heads * keyDim]}
   * @param k {@code [n, kvHeads * keyDim]}
   * @param v {@code [n, kvHeads * valueDim]}
   * @param out {@code [n, heads * valueDim]}
   */
  void forward(TokenBatch batch, float[] q, float[] k, float[] v, float[] out) {
    workers.pieces(
        batch.segments() * kvHeads,
        (piece, thread) -> {
          int segment = piece / kvHeads;
          int kvHead = piece % kvHeads;
          int start = batch.start(segment);
          int length = batch.start(segment + 1) - start;
          pack(thread, KEYS, k, start * kvHeads + kvHead, keyDim, length, true);
          pack(thread, VALUES, v, start * kvHeads + kvHead, valueDim, length, false);
          for (int g = 0; g < heads / kvHeads; g++) {
            int head = kvHead * (heads / kvHeads) + g;
            for (int row = 0; row < length; row += ROWS) {
              int rows = Math.min(ROWS, length - row);
              scores(thread, q, start, row, rows, length, head);
              softmax(thread, start, row, rows, length, head);
              Operands of =
                  operands[thread]
                      .shape(rows, valueDim, length, false)
                      .left(scores[thread], 0, length, 1)
                      .result(out, ((start + row) * heads + head) * valueDim, heads * valueDim);
              products().multiplyPacked(thread, VALUES, of, valueDim, row + rows);
            }
          }
        });
  }

  private DenseProducts products() {
    return workers.products();
  }

  /**
   * Packs keys or values of a head: as {@code [dim, length]} where transposed, else {@code [length,
   * dim]}.
   */
  private void pack(
      int thread, int slot, float[] of, int firstRow, int dim, int length, boolean transposed) {
    int row = kvHeads * dim;
    Operands operand = operands[thread];
    if (transposed) {
      operand.shape(0, length, dim, false).right(of, firstRow * dim, 1, row);
    } else {
      operand.shape(0, dim, length, false).right(of, firstRow * dim, row, 1);
    }
    products().packHere(thread, slot, operand);
  }

  /**
   * Products of queries {@code row} on and keys, {@code [rows, length]} of which a part is used.
   */
  private void scores(int thread, float[] q, int start, int row, int rows, int length, int head) {
    Operands of =
        operands[thread]
            .shape(rows, length, keyDim, false)
            .left(q, ((start + row) * heads + head) * keyDim, heads * keyDim, 1)
            .result(scores[thread], 0, length);
    products().multiplyPacked(thread, KEYS, of, row + rows, keyDim);
  }

  private void softmax(int thread, int start, int row, int rows, int length, int head) {
    float[] p = scores[thread];
    for (int i = 0; i < rows; i++) {
      int at = i * length;
      int seen = row + i + 1;
      float shift = scale * Workers.LOOPS.max(p, at, seen);
      float sum = Workers.LOOPS.expSum(p, at, seen, scale, shift);
      Workers.LOOPS.scale(1 / sum, p, at, p, at, seen);
      java.util.Arrays.fill(p, at + seen, at + row + rows, 0);
      logSums.data()[(start + row + i) * heads + head] = (float) (shift + Math.log(sum));
    }
  }

  /** Adds the gradients of queries, keys and values; {@code out} is what forward gave. */
  void backward(
      TokenBatch batch,
      float[] q,
      float[] k,
      float[] v,
      float[] out,
      float[] dOut,
      float[] dq,
      float[] dk,
      float[] dv) {
    workers.pieces(
        batch.segments() * kvHeads,
        (piece, thread) -> {
          int segment = piece / kvHeads;
          int kvHead = piece % kvHeads;
          int start = batch.start(segment);
          int length = batch.start(segment + 1) - start;
          int first = start * kvHeads + kvHead;
          pack(thread, KEYS, k, first, keyDim, length, true);
          pack(thread, VALUES, v, first, valueDim, length, true);
          pack(thread, KEYS_BACK, k, first, keyDim, length, false);
          for (int g = 0; g < heads / kvHeads; g++) {
            int head = kvHead * (heads / kvHeads) + g;
            for (int row = 0; row < length; row += ROWS) {
              int rows = Math.min(ROWS, length - row);
              scores(thread, q, start, row, rows, length, head);
              slopes(thread, out, dOut, start, row, rows, length, head);
              toValues(thread, dOut, dv, start, row, rows, length, head, first);
              toQueriesAndKeys(thread, q, dq, dk, start, row, rows, length, head, first);
            }
          }
        });
  }

  /** Leaves probabilities in {@code scores} and the gradients of the scores in {@code slopes}. */
  private void slopes(
      int thread, float[] out, float[] dOut, int start, int row, int rows, int length, int head) {
    float[] p = scores[thread];
    float[] d = slopes[thread];
    int at0 = ((start + row) * heads + head) * valueDim;
    Operands of =
        operands[thread]
            .shape(rows, length, valueDim, false)
            .left(dOut, at0, heads * valueDim, 1)
            .result(d, 0, length);
    products().multiplyPacked(thread, VALUES, of, row + rows, valueDim);
    for (int i = 0; i < rows; i++) {
      int at = i * length;
      int seen = row + i + 1;
      int token = (start + row + i) * heads + head;
      Workers.LOOPS.expSum(p, at, seen, scale, logSums.data()[token]);
      int values = token * valueDim;
      float mean = Workers.LOOPS.dot(out, values, dOut, values, valueDim);
      Workers.LOOPS.softmaxGradient(p, at, d, at, seen, mean, scale);
      java.util.Arrays.fill(p, at + seen, at + row + rows, 0);
      java.util.Arrays.fill(d, at + seen, at + row + rows, 0);
    }
  }

  private void toValues(
      int thread,
      float[] dOut,
      float[] dv,
      int start,
      int row,
      int rows,
      int length,
      int head,
      int first) {
    Operands of =
        operands[thread]
            .shape(row + rows, valueDim, rows, true)
            .left(scores[thread], 0, 1, length)
            .right(dOut, ((start + row) * heads + head) * valueDim, heads * valueDim, 1)
            .result(dv, first * valueDim, kvHeads * valueDim);
    products().packHere(thread, ROWS_SLOT, of);
    products().multiplyPacked(thread, ROWS_SLOT, of, valueDim, rows);
  }

  private void toQueriesAndKeys(
      int thread,
      float[] q,
      float[] dq,
      float[] dk,
      int start,
      int row,
      int rows,
      int length,
      int head,
      int first) {
    int queries = ((start + row) * heads + head) * keyDim;
    Operands of =
        operands[thread]
            .shape(rows, keyDim, length, true)
            .left(slopes[thread], 0, length, 1)
            .result(dq, queries, heads * keyDim);
    products().multiplyPacked(thread, KEYS_BACK, of, keyDim, row + rows);
    of.shape(row + rows, keyDim, rows, true)
        .left(slopes[thread], 0, 1, length)
        .right(q, queries, heads * keyDim, 1)
        .result(dk, first * keyDim, kvHeads * keyDim);
    products().packHere(thread, ROWS_SLOT, of);
    products().multiplyPacked(thread, ROWS_SLOT, of, keyDim, rows);
  }
}
