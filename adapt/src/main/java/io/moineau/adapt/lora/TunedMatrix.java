package io.moineau.adapt.lora;

import io.moineau.adapt.block.Parameter;
import io.moineau.adapt.block.Parameters;
import io.moineau.adapt.block.Slab;
import io.moineau.adapt.block.Workers;
import io.moineau.kernels.dense.DenseProducts;
import java.util.Optional;

/**
 * {@code y = W x + scale B (A x) + bias}, of one matrix or of one per expert, whose rows of x then
 * lie together. W and the bias stay as they are.
 */
final class TunedMatrix {
  /**
   * The change of the matrix.
   *
   * @param a {@code [experts, rank, in]}
   * @param b {@code [experts, out, rank]}
   * @param narrow {@code [rows, rank]}: {@code scale A x}
   * @param dNarrow {@code [rows, rank]}
   */
  record Change(Parameter a, Parameter b, int rank, float scale, Slab narrow, Slab dNarrow) {}

  private final Workers workers;
  private final Parameters parameters;
  private final FrozenProducts frozen;
  private final int packed; // floats of x that are packed at once
  private final FrozenWeight[] weights; // per expert [out, in]
  private final float[] bias; // [experts, out], or empty
  private final Optional<Change> change;
  private final int in;
  private final int out;
  private boolean exact;

  TunedMatrix(Tuning tuning, FrozenWeight[] weights, float[] bias, Optional<Change> change) {
    workers = tuning.workers();
    parameters = tuning.blueprint().parameters();
    frozen = tuning.products();
    packed = tuning.buffer();
    this.weights = weights;
    this.bias = bias;
    this.change = change;
    in = weights[0].columns();
    out = weights[0].rows();
  }

  /** The same, its products being of floats whatever the others are. */
  TunedMatrix exact() {
    exact = true;
    return this;
  }

  /**
   * Computes one layer; {@code starts} as {@link #forward(int[], float[], TunedMatrix[],
   * float[][])} has it.
   */
  void forward(int[] starts, float[] x, float[] y) {
    forward(starts, x, new TunedMatrix[] {this}, new float[][] {y});
  }

  /**
   * Computes layers of the same input.
   *
   * @param starts the first row of each expert, and behind the last; {@code {0, rows}} of one
   *     matrix
   * @param x {@code [rows, in]}
   * @param ys {@code [rows, out]} of each, overwritten
   */
  static void forward(int[] starts, float[] x, TunedMatrix[] layers, float[][] ys) {
    FrozenProducts frozen = layers[0].frozen;
    DenseProducts products = layers[0].workers.products();
    for (int i = 0; i < layers.length; i++) {
      TunedMatrix layer = layers[i];
      frozen.exact(layer.exact);
      for (int e = 0; e < layer.weights.length; e++) {
        int tokens = starts[e + 1] - starts[e];
        int from = starts[e] * layer.in;
        int to = starts[e] * layer.out;
        frozen.forward(layer.weights[e], tokens, x, from, layer.in, ys[i], to, layer.out, false);
        layer.queueNarrow(e, starts, x);
      }
    }
    frozen.run();
    frozen.exact(false);
    products.run();
    for (int i = 0; i < layers.length; i++) {
      layers[i].queueWide(starts, ys[i]);
    }
    products.run();
    for (int i = 0; i < layers.length; i++) {
      layers[i].addBias(starts, ys[i]);
    }
  }

  /** Computes again what {@link #backward} needs of a forward pass: {@code A x}. */
  void recompute(int[] starts, float[] x) {
    if (change.isPresent()) {
      for (int e = 0; e < weights.length; e++) {
        queueNarrow(e, starts, x);
      }
      workers.products().run();
      scale(change.get(), change.get().narrow.data(), starts);
    }
  }

  private void queueNarrow(int e, int[] starts, float[] x) {
    if (change.isEmpty()) {
      return;
    }
    Change c = change.get();
    int a = c.a.offset() + e * c.rank * in;
    float[] narrow = c.narrow.data();
    workers
        .products()
        .forward(
            x,
            starts[e] * in,
            starts[e + 1] - starts[e],
            parameters.values(),
            a,
            in,
            c.rank,
            narrow,
            starts[e] * c.rank);
  }

  private void queueWide(int[] starts, float[] y) {
    if (change.isEmpty()) {
      return;
    }
    Change c = change.get();
    scale(c, c.narrow.data(), starts);
    for (int e = 0; e < weights.length; e++) {
      workers
          .products()
          .add()
          .shape(starts[e + 1] - starts[e], out, c.rank, true)
          .left(c.narrow.data(), starts[e] * c.rank, c.rank, 1)
          .right(parameters.values(), c.b.offset() + e * out * c.rank, 1, c.rank)
          .result(y, starts[e] * out, out);
    }
  }

  /** Rows are few and narrow: not worth a region of the team. */
  private void scale(Change c, float[] narrow, int[] starts) {
    Workers.LOOPS.scale(c.scale, narrow, 0, narrow, 0, starts[weights.length] * c.rank);
  }

  private void addBias(int[] starts, float[] y) {
    if (bias.length == 0) {
      return;
    }
    for (int e = 0; e < weights.length; e++) {
      int first = starts[e];
      int at = e * out;
      workers.rows(
          starts[e + 1] - first,
          (from, to, piece) -> {
            for (int row = first + from; row < first + to; row++) {
              Workers.LOOPS.addScaled(1, bias, at, y, row * out, out);
            }
          });
    }
  }

  /**
   * Adds the gradient of the last forward pass to {@code dx}, and those of A and B to theirs.
   *
   * @param x as it was given to forward
   * @param dy gradient of the result
   */
  void backward(int[] starts, float[] x, float[] dy, float[] dx) {
    frozen.exact(exact);
    for (int e = 0; e < weights.length; e++) {
      int tokens = starts[e + 1] - starts[e];
      frozen.transposed(weights[e], tokens, dy, starts[e] * out, out, dx, starts[e] * in, in, true);
    }
    frozen.run();
    frozen.exact(false);
    change.ifPresent(c -> backward(c, starts, x, dy, dx));
  }

  private void backward(Change c, int[] starts, float[] x, float[] dy, float[] dx) {
    DenseProducts products = workers.products();
    float[] values = parameters.values();
    float[] gradients = parameters.gradients();
    float[] narrow = c.narrow.data();
    float[] dNarrow = c.dNarrow.data();
    java.util.Arrays.fill(dNarrow, 0, starts[weights.length] * c.rank, 0);
    for (int e = 0; e < weights.length; e++) {
      int tokens = starts[e + 1] - starts[e];
      int b = c.b.offset() + e * out * c.rank;
      int wide = starts[e] * out;
      int at = starts[e] * c.rank;
      products.toWeight(dy, wide, narrow, at, tokens, c.rank, out, gradients, b);
      products.toInput(dy, wide, tokens, values, b, c.rank, out, dNarrow, at);
    }
    products.run();
    scale(c, dNarrow, starts);
    for (int e = 0; e < weights.length; e++) {
      int tokens = starts[e + 1] - starts[e];
      int a = c.a.offset() + e * c.rank * in;
      int at = starts[e] * c.rank;
      products.toInput(dNarrow, at, tokens, values, a, in, c.rank, dx, starts[e] * in);
    }
    toA(c, starts, x);
    products.run();
  }

  /** Queues the gradient of A. It packs x, of which there may be much, so some is run here. */
  private void toA(Change c, int[] starts, float[] x) {
    DenseProducts products = workers.products();
    float[] gradients = parameters.gradients();
    int step = Math.max(64, packed / in);
    int queued = 0;
    for (int e = 0; e < weights.length; e++) {
      int a = c.a.offset() + e * c.rank * in;
      for (int row = starts[e]; row < starts[e + 1]; row += step) {
        int rows = Math.min(step, starts[e + 1] - row);
        if (row > starts[e] || queued + rows > step) {
          products.run();
          queued = 0;
        }
        int at = row * c.rank;
        products.toWeight(c.dNarrow.data(), at, x, row * in, rows, in, c.rank, gradients, a);
        queued += rows;
      }
    }
  }
}
