package io.moineau.adapt.block;

import io.moineau.kernels.dense.DenseProducts;
import io.moineau.kernels.dense.Factors;

/** {@code y = W x}. */
final class Linear implements Block {
  private final Workers workers;
  private final Parameters parameters;
  private final int offset;
  private final int in;
  private final int out;
  private Factors factors;

  Linear(Blueprint blueprint, String name, int in, int out, double spread) {
    this(blueprint, blueprint.parameters().matrix(name, spread, out, in), 0, out);
  }

  /** Rows of a matrix as a layer of their own. */
  Linear(Blueprint blueprint, Parameter weight, int firstRow, int rows) {
    workers = blueprint.workers();
    parameters = blueprint.parameters();
    in = weight.columns();
    out = rows;
    offset = weight.offset() + firstRow * in;
    factors = workers.factors();
  }

  /** The same, its products being of floats whatever the others are. */
  Linear exact() {
    factors = Factors.FLOAT32;
    return this;
  }

  /** Adds the product to those that the workers' next run computes. */
  void queueForward(int tokens, float[] x, float[] y) {
    workers
        .products()
        .forward(x, 0, tokens, parameters.values(), offset, in, out, y, 0)
        .factors(factors);
  }

  /** Adds the gradient of the weights to the next run. */
  void queueToWeight(int tokens, float[] x, float[] dy) {
    float[] gradients = parameters.gradients();
    workers.products().toWeight(dy, 0, x, 0, tokens, in, out, gradients, offset).factors(factors);
  }

  /** Adds the gradient of the input to the next run; no other of the run may add to the same. */
  void queueToInput(int tokens, float[] dy, float[] dx) {
    workers
        .products()
        .toInput(dy, 0, tokens, parameters.values(), offset, in, out, dx, 0)
        .factors(factors);
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    queueForward(batch.size(), x, y);
    workers.products().run();
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    DenseProducts products = workers.products();
    queueToWeight(batch.size(), x, dy);
    queueToInput(batch.size(), dy, dx);
    products.run();
  }
}
