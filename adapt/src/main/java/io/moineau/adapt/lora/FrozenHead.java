package io.moineau.adapt.lora;

import io.moineau.adapt.block.Blueprint;
import io.moineau.adapt.block.Slab;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;

/**
 * The last norm, the logits, and the cross-entropy of the targets. Only tokens with a target are
 * computed, of a chat half or fewer, a slice at a time: all logits of a batch would be the largest
 * array by far.
 */
final class FrozenHead {
  /** Floats of the logits that are there at once. */
  private static final int LOGITS = 1 << 25;

  private final Workers workers;
  private final FrozenProducts products;
  private final FrozenNorm norm;
  private final FrozenWeight output; // [vocabSize, hidden]; the embedding where tied
  private final int hidden;
  private final int vocabSize;
  private final int slice;
  private final Slab raw; // [tokens with a target, hidden]
  private final Slab normed; // and its gradient, when a slice's logits are done with
  private final Slab dRaw;
  private final int[] tokens; // those with a target
  private final double[] losses;
  private float[] logits = new float[0]; // [slice, vocabSize]

  FrozenHead(Tuning tuning, FrozenWeight output, int maxTokens) {
    workers = tuning.workers();
    products = tuning.products();
    this.output = output;
    hidden = output.columns();
    vocabSize = output.rows();
    slice = Math.clamp(LOGITS / vocabSize, 1, maxTokens);
    norm = tuning.norm("output_norm.weight", 1, hidden);
    Blueprint blueprint = tuning.blueprint();
    // Memory of layers that backward does not read.
    raw = blueprint.scratch("branch", hidden);
    normed = blueprint.scratch("dIn", hidden);
    dRaw = blueprint.scratch("dHead", hidden);
    tokens = new int[maxTokens];
    losses = new double[maxTokens];
  }

  long bytes() {
    return 4L * slice * vocabSize;
  }

  /** The logits of token {@code index}. */
  float[] logits(float[] x, int index) {
    System.arraycopy(x, index * hidden, raw.data(), 0, hidden);
    norm.forward(1, raw.data(), normed.data());
    float[] out = new float[vocabSize];
    products.forward(output, 1, normed.data(), 0, hidden, out, 0, vocabSize, false);
    products.run();
    return out;
  }

  /**
   * The sum of the losses of tokens with a target, in nats; with gradients of {@code scale} times
   * it.
   *
   * @param x {@code [n, hidden]}, what the last layer gave
   * @param dx its gradient, overwritten; empty where none is wanted
   */
  double loss(TokenBatch batch, float[] x, float scale, float[] dx) {
    int count = gather(batch, x);
    norm.forward(count, raw.data(), normed.data());
    if (logits.length == 0) {
      logits = new float[Math.multiplyExact(slice, vocabSize)];
    }
    boolean gradients = dx.length > 0;
    double sum = 0;
    for (int from = 0; from < count; from += slice) {
      int start = from;
      int size = Math.min(slice, count - from);
      products.forward(
          output, size, normed.data(), from * hidden, hidden, logits, 0, vocabSize, false);
      products.run();
      workers.ranges(
          size,
          8,
          (a, b, piece) -> {
            for (int i = a; i < b; i++) {
              int target = batch.target(tokens[start + i]);
              losses[start + i] = token(target, i * vocabSize, scale);
            }
          });
      if (gradients) {
        products.transposed(
            output, size, logits, 0, vocabSize, normed.data(), from * hidden, hidden, false);
        products.run();
      }
    }
    for (int i = 0; i < count; i++) {
      sum += losses[i];
    }
    if (gradients) {
      norm.backward(count, raw.data(), normed.data(), dRaw.cleared(count));
      java.util.Arrays.fill(dx, 0, batch.size() * hidden, 0);
      for (int i = 0; i < count; i++) {
        System.arraycopy(dRaw.data(), i * hidden, dx, tokens[i] * hidden, hidden);
      }
    }
    return sum;
  }

  private int gather(TokenBatch batch, float[] x) {
    int count = 0;
    for (int t = 0; t < batch.size(); t++) {
      if (batch.target(t) != TokenBatch.NO_TARGET) {
        System.arraycopy(x, t * hidden, raw.data(), count * hidden, hidden);
        tokens[count++] = t;
      }
    }
    return count;
  }

  /** One token's loss; its logits become their gradients. */
  private double token(int target, int at, float scale) {
    float max = Workers.LOOPS.max(logits, at, vocabSize);
    float right = logits[at + target];
    float sum = Workers.LOOPS.expSum(logits, at, vocabSize, 1, max);
    Workers.LOOPS.scale(scale / sum, logits, at, logits, at, vocabSize);
    logits[at + target] -= scale;
    return Math.log(sum) + max - right;
  }
}
