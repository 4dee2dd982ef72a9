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
public final class CausalAttention {
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
  private int window;
  private float[] sinks = new float[0];

  /**
   * Attention of {@code heads} query heads; products are multiplied by {@code scale}, which is
   * positive.
   */
  public CausalAttention(
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
   * Says what the following calls see, forward and backward alike.
   *
   * @param newWindow positions that a token sees, its own included; 0 for all
   * @param newSinks a logit per query head that takes part in the softmax and has no value
   *     (gpt-oss); empty for none
   */
  public void sees(int newWindow, float[] newSinks) {
    window = newWindow;
    sinks = newSinks;
  }

  /** The first position that a token at {@code position} sees. */
  private int first(int position) {
    return window == 0 ? 0 : Math.max(0, position + 1 - window);
  }

  /**
   * Attends.
   *
   * @param q {@code [n, heads * keyDim]}
   * @param k {@code [n, kvHeads * keyDim]}
   * @param v {@code [n, kvHeads * valueDim]}
   * @param out {@code [n, heads * valueDim]}
   */
  public void forward(TokenBatch batch, float[] q, float[] k, float[] v, float[] out) {
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
      int from = at + first(row + i);
      int to = at + row + i + 1;
      float shift = scale * Workers.LOOPS.max(p, from, to - from);
      if (sinks.length > 0) {
        shift = Math.max(shift, sinks[head]);
      }
      float sum = Workers.LOOPS.expSum(p, from, to - from, scale, shift);
      if (sinks.length > 0) {
        sum += (float) Math.exp(sinks[head] - shift);
      }
      Workers.LOOPS.scale(1 / sum, p, from, p, from, to - from);
      java.util.Arrays.fill(p, at, from, 0);
      java.util.Arrays.fill(p, to, at + row + rows, 0);
      logSums.data()[(start + row + i) * heads + head] = (float) (shift + Math.log(sum));
    }
  }

  /** Adds the gradients of queries, keys and values; {@code out} is what forward gave. */
  public void backward(
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
      int from = at + first(row + i);
      int to = at + row + i + 1;
      int token = (start + row + i) * heads + head;
      Workers.LOOPS.expSum(p, from, to - from, scale, logSums.data()[token]);
      int values = token * valueDim;
      float mean = Workers.LOOPS.dot(out, values, dOut, values, valueDim);
      Workers.LOOPS.softmaxGradient(p, from, d, from, to - from, mean, scale);
      for (float[] unseen : new float[][] {p, d}) {
        java.util.Arrays.fill(unseen, at, from, 0);
        java.util.Arrays.fill(unseen, to, at + row + rows, 0);
      }
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
