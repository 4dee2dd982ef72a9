package io.moineau.adapt.block;

import io.moineau.kernels.dense.DenseProducts;

/**
 * Logits over the vocabulary and the cross-entropy of the targets, a slice of tokens at a time: all
 * logits of a batch would be the largest array of a training by far.
 */
final class OutputHead {
  private static final int SLICE = 512;

  private final Workers workers;
  private final Parameters parameters;
  private final Parameter output; // [vocabSize, hiddenSize]; the embedding where tied
  private final int hidden;
  private final int vocabSize;
  private final float[] logits;
  private final double[] losses;

  OutputHead(Blueprint blueprint, Parameter output, int maxTokens) {
    workers = blueprint.workers();
    parameters = blueprint.parameters();
    this.output = output;
    vocabSize = output.dims().getFirst();
    hidden = output.columns();
    logits = new float[Math.multiplyExact(Math.min(SLICE, maxTokens), vocabSize)];
    losses = new double[maxTokens];
  }

  /** Bytes of its own memory. */
  long bytes() {
    return 4L * logits.length + 8L * losses.length;
  }

  /** Computes logits of tokens {@code from} to {@code from + n - 1} into {@code out}. */
  void logits(float[] x, int from, int n, float[] out) {
    workers
        .products()
        .forward(
            x, from * hidden, n, parameters.values(), output.offset(), hidden, vocabSize, out, 0);
    workers.products().run();
  }

  /**
   * The sum of the losses of tokens with a target, in nats; with gradients of {@code scale} times
   * it.
   *
   * @param dx gradient of x, added to; empty where no gradients are wanted
   * @param best where each token with a target gets its most probable one; empty where it is not
   *     wanted
   */
  double loss(TokenBatch batch, float[] x, float scale, float[] dx, int[] best) {
    int n = batch.size();
    DenseProducts products = workers.products();
    for (int from = 0; from < n; from += SLICE) {
      int start = from;
      int size = Math.min(SLICE, n - from);
      logits(x, from, size, logits);
      workers.ranges(
          size,
          8,
          (a, b, piece) -> {
            for (int i = a; i < b; i++) {
              if (best.length > 0 && batch.target(start + i) != TokenBatch.NO_TARGET) {
                best[start + i] = best(i * vocabSize);
              }
              losses[start + i] = token(batch.target(start + i), i * vocabSize, scale);
            }
          });
      if (dx.length > 0) {
        int at = output.offset();
        float[] dw = parameters.gradients();
        products.toWeight(logits, 0, x, from * hidden, size, hidden, vocabSize, dw, at);
        float[] w = parameters.values();
        products.toInput(logits, 0, size, w, at, hidden, vocabSize, dx, from * hidden);
        products.run();
      }
    }
    double sum = 0;
    for (int t = 0; t < n; t++) {
      sum += losses[t];
    }
    return sum;
  }

  private int best(int at) {
    float max = Workers.LOOPS.max(logits, at, vocabSize);
    int id = 0;
    while (id + 1 < vocabSize && logits[at + id] != max) {
      id++;
    }
    return id;
  }

  /** One token's loss; its logits become their gradients. */
  private double token(int target, int at, float scale) {
    if (target == TokenBatch.NO_TARGET) {
      java.util.Arrays.fill(logits, at, at + vocabSize, 0);
      return 0;
    }
    float max = Workers.LOOPS.max(logits, at, vocabSize);
    float right = logits[at + target];
    float sum = Workers.LOOPS.expSum(logits, at, vocabSize, 1, max);
    Workers.LOOPS.scale(scale / sum, logits, at, logits, at, vocabSize);
    logits[at + target] -= scale;
    return Math.log(sum) + max - right;
  }
}
