package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;

/** Grouped-query attention (arXiv 2305.13245) with queries and keys normed per head. */
final class GqaAttention implements Block {
  private final Workers workers;
  private final Linear attnQ;
  private final Linear attnK;
  private final Linear attnV;
  private final RmsNorm attnQNorm;
  private final RmsNorm attnKNorm;
  private final Linear attnOutput;
  private final Rope queryRope;
  private final Rope keyRope;
  private final CausalAttention attention;
  private final Slab rawQuery; // [n, heads * headDim], before the norm
  private final Slab rawKey; // [n, kvHeads * headDim]
  private final Slab query; // normed and rotated
  private final Slab key;
  private final Slab value; // [n, kvHeads * valueHeadDim]
  private final Slab attended; // [n, heads * valueHeadDim]
  private final Slab dQuery;
  private final Slab dKey;
  private final Slab dValue;
  private final Slab dAttended;
  private final Slab dRawQuery;
  private final Slab dRawKey;

  GqaAttention(Blueprint blueprint, ModelConfig config, int layer, double spread, double out) {
    workers = blueprint.workers();
    String prefix = "blk." + layer + ".";
    int hidden = config.hiddenSize();
    int heads = config.numAttentionHeads();
    int kvHeads = config.numKeyValueHeads();
    int dim = config.headDim();
    int valueDim = config.valueHeadDim();
    float eps = config.rmsNormEps();
    attnQ = new Linear(blueprint, prefix + "attn_q.weight", hidden, heads * dim, spread);
    attnK = new Linear(blueprint, prefix + "attn_k.weight", hidden, kvHeads * dim, spread);
    attnV = new Linear(blueprint, prefix + "attn_v.weight", hidden, kvHeads * valueDim, spread);
    attnQNorm = new RmsNorm(blueprint, prefix + "attn_q_norm.weight", heads, dim, eps);
    attnKNorm = new RmsNorm(blueprint, prefix + "attn_k_norm.weight", kvHeads, dim, eps);
    attnOutput =
        new Linear(blueprint, prefix + "attn_output.weight", heads * valueDim, hidden, out);
    double theta = config.rope().theta();
    boolean neox = config.rope().neox();
    int rotated = config.rope().dim();
    queryRope = new Rope(blueprint, heads, dim, 0, rotated, theta, neox);
    keyRope = new Rope(blueprint, kvHeads, dim, 0, rotated, theta, neox);
    attention =
        new CausalAttention(blueprint, heads, kvHeads, dim, valueDim, config.attentionScale());
    rawQuery = blueprint.slab(heads * dim);
    rawKey = blueprint.slab(kvHeads * dim);
    query = blueprint.slab(heads * dim);
    key = blueprint.slab(kvHeads * dim);
    value = blueprint.slab(kvHeads * valueDim);
    attended = blueprint.slab(heads * valueDim);
    dQuery = blueprint.scratch("dQuery", heads * dim);
    dKey = blueprint.scratch("dKey", kvHeads * dim);
    dValue = blueprint.scratch("dValue", kvHeads * valueDim);
    dAttended = blueprint.scratch("dAttended", heads * valueDim);
    dRawQuery = blueprint.scratch("dRawQuery", heads * dim);
    dRawKey = blueprint.scratch("dRawKey", kvHeads * dim);
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    int n = batch.size();
    attnQ.queueForward(n, x, rawQuery.data());
    attnK.queueForward(n, x, rawKey.data());
    attnV.queueForward(n, x, value.data());
    workers.products().run();
    attnQNorm.forward(batch, rawQuery.data(), query.data());
    attnKNorm.forward(batch, rawKey.data(), key.data());
    queryRope.forward(batch, query.data());
    keyRope.forward(batch, key.data());
    attention.forward(batch, query.data(), key.data(), value.data(), attended.data());
    attnOutput.forward(batch, attended.data(), y);
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int n = batch.size();
    attnOutput.backward(batch, attended.data(), dy, dAttended.cleared(n));
    attention.backward(
        batch,
        query.data(),
        key.data(),
        value.data(),
        attended.data(),
        dAttended.data(),
        dQuery.cleared(n),
        dKey.cleared(n),
        dValue.cleared(n));
    queryRope.backward(batch, dQuery.data());
    keyRope.backward(batch, dKey.data());
    attnQNorm.backward(batch, rawQuery.data(), dQuery.data(), dRawQuery.cleared(n));
    attnKNorm.backward(batch, rawKey.data(), dKey.data(), dRawKey.cleared(n));
    attnQ.queueToWeight(n, x, dRawQuery.data());
    attnK.queueToWeight(n, x, dRawKey.data());
    attnV.queueToWeight(n, x, dValue.data());
    attnQ.queueToInput(n, dRawQuery.data(), dx);
    workers.products().run();
    attnK.queueToInput(n, dRawKey.data(), dx);
    workers.products().run();
    attnV.queueToInput(n, dValue.data(), dx);
    workers.products().run();
  }
}
