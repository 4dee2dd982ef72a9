package io.moineau.adapt.block;

import io.moineau.kernels.dense.Operands;
import java.util.List;

/**
 * Momentum whose matrix is replaced by the nearest one with equal singular values (K. Jordan, Muon,
 * 2024), by five steps of a Newton-Schulz iteration of fifth order.
 *
 * <p>The step is scaled by {@code 0.2 sqrt(max(rows, columns))}, so that the rate and decay of
 * AdamW fit it too (arXiv 2502.16982). Each matrix of a stack, an expert's, is one piece of work.
 */
final class Muon {
  private static final float MOMENTUM = 0.95f;
  private static final int ITERATIONS = 5;
  private static final float A = 3.4445f;
  private static final float B = -4.7750f;
  private static final float C = 2.0315f;

  private final Workers workers;
  private final Parameters parameters;
  private final float[] momentum;
  private final float weightDecay;
  private final int[] matrices; // [offset, rows, columns]
  private final Scratch[] scratch;

  Muon(
      Workers workers,
      Parameters parameters,
      List<Parameter> tensors,
      float[] momentum,
      float weightDecay) {
    this.workers = workers;
    this.parameters = parameters;
    this.momentum = momentum;
    this.weightDecay = weightDecay;
    java.util.stream.IntStream.Builder list = java.util.stream.IntStream.builder();
    for (Parameter tensor : tensors) {
      int columns = tensor.columns();
      int rows = tensor.dims().get(tensor.dims().size() - 2);
      for (int at = 0; at < tensor.size(); at += rows * columns) {
        list.add(tensor.offset() + at).add(rows).add(columns);
      }
    }
    matrices = list.build().toArray();
    scratch = new Scratch[workers.threads()];
    for (int i = 0; i < scratch.length; i++) {
      scratch[i] = new Scratch();
    }
  }

  /** Memory of one thread. */
  private static final class Scratch {
    private final Operands operands = new Operands();
    private float[] x = new float[0]; // [small, large]
    private float[] next = new float[0];
    private float[] square = new float[0]; // [small, small]
    private float[] fourth = new float[0];

    void ensure(int small, int large) {
      if (x.length < small * large) {
        x = new float[small * large];
        next = new float[small * large];
      }
      if (square.length < small * small) {
        square = new float[small * small];
        fourth = new float[small * small];
      }
    }
  }

  void step(double rate, float gradientScale) {
    workers.pieces(
        matrices.length / 3,
        (piece, thread) ->
            step(
                thread,
                matrices[3 * piece],
                matrices[3 * piece + 1],
                matrices[3 * piece + 2],
                rate,
                gradientScale));
  }

  private void step(
      int thread, int offset, int rows, int columns, double rate, float gradientScale) {
    int size = rows * columns;
    float[] g = parameters.gradients();
    Workers.LOOPS.scale(MOMENTUM, momentum, offset, momentum, offset, size);
    float share = (1 - MOMENTUM) * gradientScale;
    Workers.LOOPS.addScaled(share, g, offset, momentum, offset, size);
    // Nesterov's look ahead, in place of the gradient.
    Workers.LOOPS.scale(share, g, offset, g, offset, size);
    Workers.LOOPS.addScaled(MOMENTUM, momentum, offset, g, offset, size);
    float norm = (float) Math.sqrt(Workers.LOOPS.dot(g, offset, g, offset, size));
    if (norm > 0) {
      float[] direction = orthogonal(thread, g, offset, rows, columns, 1 / norm);
      float[] w = parameters.values();
      Workers.LOOPS.scale((float) (1 - rate * weightDecay), w, offset, w, offset, size);
      float by = (float) (-rate * 0.2 * Math.sqrt(Math.max(rows, columns)));
      add(by, direction, w, offset, rows, columns);
    }
  }

  private static void add(float by, float[] x, float[] w, int offset, int rows, int columns) {
    if (rows <= columns) {
      Workers.LOOPS.addScaled(by, x, 0, w, offset, rows * columns);
      return;
    }
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        w[offset + r * columns + c] += by * x[c * rows + r];
      }
    }
  }

  /** The matrix with its singular values near 1; transposed where it has more rows than columns. */
  private float[] orthogonal(
      int thread, float[] g, int offset, int rows, int columns, float scale) {
    Scratch of = scratch[thread];
    int small = Math.min(rows, columns);
    int large = Math.max(rows, columns);
    of.ensure(small, large);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < columns; c++) {
        int at = rows <= columns ? r * columns + c : c * rows + r;
        of.x[at] = scale * g[offset + r * columns + c];
      }
    }
    for (int i = 0; i < ITERATIONS; i++) {
      iterate(thread, of, small, large);
    }
    return of.x;
  }

  /** {@code x = A x + (B s + C s s) x} with {@code s = x x^T}. */
  private void iterate(int thread, Scratch of, int small, int large) {
    Operands operands = of.operands.factors(workers.factors());
    operands
        .shape(small, small, large, false)
        .left(of.x, 0, large, 1)
        .right(of.x, 0, 1, large)
        .result(of.square, 0, small);
    workers.products().multiplyHere(thread, operands);
    operands
        .shape(small, small, small, false)
        .left(of.square, 0, small, 1)
        .right(of.square, 0, small, 1)
        .result(of.fourth, 0, small);
    workers.products().multiplyHere(thread, operands);
    int size = small * small;
    Workers.LOOPS.scale(C, of.fourth, 0, of.fourth, 0, size);
    Workers.LOOPS.addScaled(B, of.square, 0, of.fourth, 0, size);
    for (int i = 0; i < small; i++) {
      of.fourth[i * small + i] += A;
    }
    operands
        .shape(small, large, small, false)
        .left(of.fourth, 0, small, 1)
        .right(of.x, 0, large, 1)
        .result(of.next, 0, large);
    workers.products().multiplyHere(thread, operands);
    float[] turned = of.x;
    of.x = of.next;
    of.next = turned;
  }
}
