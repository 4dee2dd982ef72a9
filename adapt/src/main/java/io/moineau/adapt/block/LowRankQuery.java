package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;

/** Queries through a narrow product with a norm in it, as DeepSeek-V3 has them. */
final class LowRankQuery implements Block {
  private final Linear attnQA;
  private final RmsNorm attnQANorm;
  private final Linear attnQB;
  private final Slab narrow; // [n, qLoraRank]
  private final Slab normed;
  private final Slab dNarrow;
  private final Slab dNormed;

  LowRankQuery(Blueprint blueprint, ModelConfig config, String prefix, double spread) {
    int hidden = config.hiddenSize();
    int rank = config.mla().orElseThrow().qLoraRank();
    int queries = config.numAttentionHeads() * config.headDim();
    double rankSpread = spread * Math.sqrt((double) hidden / rank);
    attnQA = new Linear(blueprint, prefix + "attn_q_a.weight", hidden, rank, spread);
    attnQANorm =
        new RmsNorm(blueprint, prefix + "attn_q_a_norm.weight", 1, rank, config.rmsNormEps());
    attnQB = new Linear(blueprint, prefix + "attn_q_b.weight", rank, queries, rankSpread);
    narrow = blueprint.slab(rank);
    normed = blueprint.slab(rank);
    dNarrow = blueprint.scratch("dNarrow", rank);
    dNormed = blueprint.scratch("dNormed", rank);
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    attnQA.forward(batch, x, narrow.data());
    attnQANorm.forward(batch, narrow.data(), normed.data());
    attnQB.forward(batch, normed.data(), y);
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int n = batch.size();
    attnQB.backward(batch, normed.data(), dy, dNormed.cleared(n));
    attnQANorm.backward(batch, narrow.data(), dNormed.data(), dNarrow.cleared(n));
    attnQA.backward(batch, x, dNarrow.data(), dx);
  }
}
