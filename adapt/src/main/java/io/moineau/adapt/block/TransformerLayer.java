package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;
import java.util.Optional;

/** Attention and a feed-forward part, each behind a norm and beside the residual stream. */
final class TransformerLayer implements Block {
  private final Workers workers;
  private final int hidden;
  private final RmsNorm attnNorm;
  private final Block attention;
  private final RmsNorm ffnNorm;
  private final Block ffn;
  private final Optional<MoeFfn> moe;
  private final Slab attnIn; // normed
  private final Slab middle; // the stream after attention
  private final Slab ffnIn; // normed
  private final Slab branch;
  private final Slab dBranch;
  private final Slab dMiddle;

  TransformerLayer(Blueprint blueprint, ModelConfig config, int layer) {
    workers = blueprint.workers();
    hidden = config.hiddenSize();
    double spread = 0.5 / Math.sqrt(hidden);
    double out = spread / Math.sqrt(2.0 * config.numHiddenLayers());
    String prefix = "blk." + layer + ".";
    float eps = config.rmsNormEps();
    attnNorm = new RmsNorm(blueprint, prefix + "attn_norm.weight", 1, hidden, eps);
    attention =
        config.mla().isPresent()
            ? new MlaAttention(blueprint, config, layer, spread, out)
            : new GqaAttention(blueprint, config, layer, spread, out);
    ffnNorm = new RmsNorm(blueprint, prefix + "ffn_norm.weight", 1, hidden, eps);
    if (config.moe().isPresent() && config.moe().get().isMoeLayer(layer)) {
      MoeFfn experts = new MoeFfn(blueprint, config, layer, spread, out);
      moe = Optional.of(experts);
      ffn = experts;
    } else {
      moe = Optional.empty();
      int width = config.intermediateSize();
      ffn = new SwiGluFfn(blueprint, layer, "", hidden, width, spread, out);
    }
    attnIn = blueprint.slab(hidden);
    middle = blueprint.slab(hidden);
    ffnIn = blueprint.slab(hidden);
    branch = blueprint.scratch("branch", hidden);
    dBranch = blueprint.scratch("dBranch", hidden);
    dMiddle = blueprint.scratch("dMiddle", hidden);
  }

  Optional<MoeFfn> moe() {
    return moe;
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    attnNorm.forward(batch, x, attnIn.data());
    attention.forward(batch, attnIn.data(), branch.data());
    sum(batch, x, middle.data());
    ffnNorm.forward(batch, middle.data(), ffnIn.data());
    ffn.forward(batch, ffnIn.data(), branch.data());
    sum(batch, middle.data(), y);
  }

  private void sum(TokenBatch batch, float[] stream, float[] out) {
    workers.rows(
        batch.size(),
        (from, to, piece) -> {
          for (int i = from * hidden; i < to * hidden; i++) {
            out[i] = stream[i] + branch.data()[i];
          }
        });
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int n = batch.size();
    System.arraycopy(dy, 0, dMiddle.data(), 0, n * hidden);
    ffn.backward(batch, ffnIn.data(), dy, dBranch.cleared(n));
    ffnNorm.backward(batch, middle.data(), dBranch.data(), dMiddle.data());
    attention.backward(batch, attnIn.data(), dMiddle.data(), dBranch.cleared(n));
    attnNorm.backward(batch, x, dBranch.data(), dx);
    Workers.LOOPS.addScaled(1, dMiddle.data(), 0, dx, 0, n * hidden);
  }
}
