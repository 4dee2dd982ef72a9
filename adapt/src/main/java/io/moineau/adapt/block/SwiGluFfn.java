package io.moineau.adapt.block;

/** {@code down(silu(gate(x)) * up(x))} (arXiv 2002.05202). */
final class SwiGluFfn implements Block {
  private static final int PIECE = 16_384;

  private final Workers workers;
  private final Linear ffnGate;
  private final Linear ffnUp;
  private final Linear ffnDown;
  private final int width;
  private final Slab gate; // [n, width]
  private final Slab up;
  private final Slab product;
  private final Slab dProduct;

  /** {@code suffix} is empty, or {@code _shexp} for shared experts. */
  SwiGluFfn(
      Blueprint blueprint,
      int layer,
      String suffix,
      int hidden,
      int width,
      double spread,
      double out) {
    workers = blueprint.workers();
    this.width = width;
    String prefix = "blk." + layer + ".ffn_";
    ffnGate = new Linear(blueprint, prefix + "gate" + suffix + ".weight", hidden, width, spread);
    ffnUp = new Linear(blueprint, prefix + "up" + suffix + ".weight", hidden, width, spread);
    ffnDown = new Linear(blueprint, prefix + "down" + suffix + ".weight", width, hidden, out);
    gate = blueprint.slab(width);
    up = blueprint.slab(width);
    product = blueprint.slab(width);
    dProduct = blueprint.scratch("dProduct", width);
  }

  /** Floats of a dense block's piece, for blocks that do the same over experts. */
  static void swiGlu(Workers workers, int floats, float[] gate, float[] up, float[] out) {
    workers.ranges(
        floats, PIECE, (from, to, piece) -> Workers.LOOPS.swiGlu(gate, up, out, from, to - from));
  }

  /** Gate and up become their gradients. */
  static void swiGluGradient(Workers workers, int floats, float[] gate, float[] up, float[] dOut) {
    workers.ranges(
        floats,
        PIECE,
        (from, to, piece) -> Workers.LOOPS.swiGluGradient(gate, up, dOut, from, to - from));
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    int n = batch.size();
    ffnGate.queueForward(n, x, gate.data());
    ffnUp.queueForward(n, x, up.data());
    workers.products().run();
    swiGlu(workers, n * width, gate.data(), up.data(), product.data());
    ffnDown.forward(batch, product.data(), y);
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int n = batch.size();
    ffnDown.backward(batch, product.data(), dy, dProduct.cleared(n));
    swiGluGradient(workers, n * width, gate.data(), up.data(), dProduct.data());
    ffnGate.queueToWeight(n, x, gate.data());
    ffnUp.queueToWeight(n, x, up.data());
    ffnGate.queueToInput(n, gate.data(), dx);
    workers.products().run();
    ffnUp.queueToInput(n, up.data(), dx);
    workers.products().run();
  }
}
