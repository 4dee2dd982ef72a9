package io.moineau.adapt.block;

import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;

/**
 * Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1) as it is trained: keys
 * and values are computed from the compressed vector for each head, nothing is absorbed.
 *
 * <p>{@code attn_k_b} is {@code [heads, qkNopeHeadDim, kvLoraRank]} here; the file has each head's
 * matrix transposed.
 */
final class MlaAttention implements Block {
  private final Workers workers;
  private final int heads;
  private final MlaConfig mla;
  private final Block attnQ;
  private final Linear attnKvA; // hidden to kvLoraRank
  private final Linear attnKRope; // hidden to qkRopeHeadDim, one for all heads
  private final RmsNorm attnKvANorm;
  private final Linear attnKB;
  private final Linear attnVB;
  private final Linear attnOutput;
  private final Rope queryRope;
  private final Rope keyRope;
  private final CausalAttention attention;
  private final Slab query; // [n, heads * (nope + rope)]
  private final Slab kvLora; // [n, kvLoraRank]
  private final Slab kvLoraNormed;
  private final Slab keyRotary; // [n, rope]
  private final Slab keyNope; // [n, heads * nope]
  private final Slab key; // [n, heads * (nope + rope)]
  private final Slab value; // [n, heads * vHeadDim]
  private final Slab attended; // [n, heads * vHeadDim]
  private final Slab dQuery;
  private final Slab dKvLora;
  private final Slab dKvLoraNormed;
  private final Slab dKeyRotary;
  private final Slab dKeyNope;
  private final Slab dKey;
  private final Slab dValue;
  private final Slab dAttended;

  MlaAttention(Blueprint blueprint, ModelConfig config, int layer, double spread, double out) {
    workers = blueprint.workers();
    heads = config.numAttentionHeads();
    mla = config.mla().orElseThrow();
    String prefix = "blk." + layer + ".";
    int hidden = config.hiddenSize();
    int dim = config.headDim();
    int lora = mla.kvLoraRank();
    int rope = mla.qkRopeHeadDim();
    int nope = mla.qkNopeHeadDim();
    int values = heads * mla.vHeadDim();
    double loraSpread = spread * Math.sqrt((double) hidden / lora);
    attnQ =
        mla.qLoraRank() > 0
            ? new LowRankQuery(blueprint, config, prefix, spread)
            : new Linear(blueprint, prefix + "attn_q.weight", hidden, heads * dim, spread);
    Parameter kvA =
        blueprint.parameters().matrix(prefix + "attn_kv_a_mqa.weight", spread, lora + rope, hidden);
    attnKvA = new Linear(blueprint, kvA, 0, lora);
    attnKRope = new Linear(blueprint, kvA, lora, rope);
    attnKvANorm =
        new RmsNorm(blueprint, prefix + "attn_kv_a_norm.weight", 1, lora, config.rmsNormEps());
    Parameter kB =
        blueprint.parameters().matrix(prefix + "attn_k_b.weight", loraSpread, heads, nope, lora);
    attnKB = new Linear(blueprint, kB, 0, heads * nope);
    Parameter vB =
        blueprint
            .parameters()
            .matrix(prefix + "attn_v_b.weight", loraSpread, heads, mla.vHeadDim(), lora);
    attnVB = new Linear(blueprint, vB, 0, values);
    attnOutput = new Linear(blueprint, prefix + "attn_output.weight", values, hidden, out);
    double theta = config.rope().theta();
    boolean neox = config.rope().neox();
    queryRope = new Rope(blueprint, heads, dim, nope, rope, theta, neox);
    keyRope = new Rope(blueprint, 1, rope, 0, rope, theta, neox);
    attention =
        new CausalAttention(blueprint, heads, heads, dim, mla.vHeadDim(), config.attentionScale());
    query = blueprint.slab(heads * dim);
    kvLora = blueprint.slab(lora);
    kvLoraNormed = blueprint.slab(lora);
    keyRotary = blueprint.scratch("keyRotary", rope);
    keyNope = blueprint.scratch("keyNope", heads * nope);
    key = blueprint.slab(heads * dim);
    value = blueprint.slab(values);
    attended = blueprint.slab(values);
    dQuery = blueprint.scratch("dQuery", heads * dim);
    dKvLora = blueprint.scratch("dKvLora", lora);
    dKvLoraNormed = blueprint.scratch("dKvLoraNormed", lora);
    dKeyRotary = blueprint.scratch("dKeyRotary", rope);
    dKeyNope = blueprint.scratch("dKeyNope", heads * nope);
    dKey = blueprint.scratch("dKey", heads * dim);
    dValue = blueprint.scratch("dValue", values);
    dAttended = blueprint.scratch("dAttended", values);
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    int n = batch.size();
    attnKvA.queueForward(n, x, kvLora.data());
    attnKRope.queueForward(n, x, keyRotary.data());
    attnQ.forward(batch, x, query.data()); // runs what is queued
    attnKvANorm.forward(batch, kvLora.data(), kvLoraNormed.data());
    attnKB.queueForward(n, kvLoraNormed.data(), keyNope.data());
    attnVB.queueForward(n, kvLoraNormed.data(), value.data());
    workers.products().run();
    queryRope.forward(batch, query.data());
    keyRope.forward(batch, keyRotary.data());
    workers.rows(n, (from, to, piece) -> joinKeys(from, to));
    attention.forward(batch, query.data(), key.data(), value.data(), attended.data());
    attnOutput.forward(batch, attended.data(), y);
  }

  /** A head's key is its own part and the rotary part that all heads share. */
  private void joinKeys(int from, int to) {
    int nope = mla.qkNopeHeadDim();
    int rope = mla.qkRopeHeadDim();
    for (int t = from; t < to; t++) {
      for (int h = 0; h < heads; h++) {
        int at = (t * heads + h) * (nope + rope);
        System.arraycopy(keyNope.data(), (t * heads + h) * nope, key.data(), at, nope);
        System.arraycopy(keyRotary.data(), t * rope, key.data(), at + nope, rope);
      }
    }
  }

  private void splitKeys(int from, int to) {
    int nope = mla.qkNopeHeadDim();
    int rope = mla.qkRopeHeadDim();
    for (int t = from; t < to; t++) {
      for (int h = 0; h < heads; h++) {
        int at = (t * heads + h) * (nope + rope);
        System.arraycopy(dKey.data(), at, dKeyNope.data(), (t * heads + h) * nope, nope);
        Workers.LOOPS.addScaled(1, dKey.data(), at + nope, dKeyRotary.data(), t * rope, rope);
      }
    }
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
    dKeyRotary.cleared(n);
    workers.rows(n, (from, to, piece) -> splitKeys(from, to));
    keyRope.backward(batch, dKeyRotary.data());
    attnKB.backward(batch, kvLoraNormed.data(), dKeyNope.data(), dKvLoraNormed.cleared(n));
    attnVB.backward(batch, kvLoraNormed.data(), dValue.data(), dKvLoraNormed.data());
    attnKvANorm.backward(batch, kvLora.data(), dKvLoraNormed.data(), dKvLora.cleared(n));
    attnKvA.backward(batch, x, dKvLora.data(), dx);
    attnKRope.backward(batch, x, dKeyRotary.data(), dx);
    attnQ.backward(batch, x, dQuery.data(), dx);
  }
}
