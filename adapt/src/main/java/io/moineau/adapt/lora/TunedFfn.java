package io.moineau.adapt.lora;

import io.moineau.adapt.block.Blueprint;
import io.moineau.adapt.block.Slab;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.lora.LoraSettings.Part;

/** {@code down(silu(gate(x)) * up(x))} (arXiv 2002.05202). */
final class TunedFfn implements FeedForwardBlock {
  private final Workers workers;
  private final TunedMatrix ffnGate;
  private final TunedMatrix ffnUp;
  private final TunedMatrix ffnDown;
  private final int width;
  private final Slab gate; // [n, width]
  private final Slab up;
  private final Slab product;
  private final Slab dProduct;

  /** {@code suffix} is empty, or {@code _shexp} for shared experts. */
  TunedFfn(Tuning tuning, Part part, int layer, String suffix, int hidden, int width) {
    workers = tuning.workers();
    this.width = width;
    String prefix = "blk." + layer + ".ffn_";
    ffnGate = tuning.matrix(part, prefix + "gate" + suffix, width, hidden);
    ffnUp = tuning.matrix(part, prefix + "up" + suffix, width, hidden);
    ffnDown = tuning.matrix(part, prefix + "down" + suffix, hidden, width);
    Blueprint blueprint = tuning.blueprint();
    gate = blueprint.scratch("gate" + suffix, width);
    up = blueprint.scratch("up" + suffix, width);
    product = blueprint.scratch("product" + suffix, width);
    dProduct = blueprint.scratch("dProduct", width);
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    middle(batch, x);
    ffnDown.forward(new int[] {0, batch.size()}, product.data(), y);
  }

  @Override
  public void recompute(TokenBatch batch, float[] x) {
    middle(batch, x);
    ffnDown.recompute(new int[] {0, batch.size()}, product.data());
  }

  private void middle(TokenBatch batch, float[] x) {
    int n = batch.size();
    int[] all = {0, n};
    TunedMatrix.forward(
        all, x, new TunedMatrix[] {ffnGate, ffnUp}, new float[][] {gate.data(), up.data()});
    GatedUnit.SWIGLU.forward(workers, n * width, gate.data(), up.data(), product.data());
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int n = batch.size();
    int[] all = {0, n};
    ffnDown.backward(all, product.data(), dy, dProduct.cleared(n));
    GatedUnit.SWIGLU.backward(workers, n * width, gate.data(), up.data(), dProduct.data());
    ffnGate.backward(all, x, gate.data(), dx);
    ffnUp.backward(all, x, up.data(), dx);
  }
}
