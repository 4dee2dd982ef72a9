package io.moineau.adapt.lora;

import io.moineau.adapt.block.Block;
import io.moineau.adapt.block.Blueprint;
import io.moineau.adapt.block.CausalAttention;
import io.moineau.adapt.block.Slab;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.lora.LoraSettings.Part;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;

/**
 * Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434, section 2.1), not absorbed: keys and
 * values are computed for each head, which costs less where a batch has many tokens.
 *
 * <p>The matrices out of the compressed vector stay as they are: files have them in two forms, of
 * which one is on its side, so that an adapter of one would not fit the other.
 */
final class TunedMla implements Block {
  private final Workers workers;
  private final int heads;
  private final int nope;
  private final int rope;
  private final int lora;
  private final int valueDim;
  private final TunedMatrix[] query; // attn_q, or attn_q_a and attn_q_b
  private final FrozenNorm[] queryNorm; // attn_q_a_norm, or none
  private final TunedMatrix attnKvAMqa;
  private final FrozenNorm attnKvANorm;
  private final FrozenHeads kv;
  private final TunedMatrix attnOutput;
  private final RotaryEmbedding rotary;
  private final CausalAttention attention;
  private final Slab queryLora; // [n, qLoraRank]
  private final Slab queryLoraNormed;
  private final Slab queries; // [n, heads * (nope + rope)]
  private final Slab compressed; // [n, kvLoraRank + rope]
  private final Slab kvLora; // [n, kvLoraRank]
  private final Slab kvLoraNormed;
  private final Slab keyRotary; // [n, rope]
  private final Slab keyNope; // [n, heads * nope]
  private final Slab keys; // [n, heads * (nope + rope)]
  private final Slab values; // [n, heads * valueDim]
  private final Slab attended; // [n, heads * valueDim]
  private final Slab dQueryLora;
  private final Slab dQueryLoraNormed;
  private final Slab dQueries;
  private final Slab dCompressed;
  private final Slab dKvLora;
  private final Slab dKvLoraNormed;
  private final Slab dKeyRotary;
  private final Slab dKeyNope;
  private final Slab dKeys;
  private final Slab dValues;
  private final Slab dAttended;

  TunedMla(Tuning tuning, RotaryEmbedding rotary, CausalAttention attention, int layer) {
    workers = tuning.workers();
    this.rotary = rotary;
    this.attention = attention;
    ModelConfig config = tuning.config();
    MlaConfig mla = config.mla().orElseThrow();
    heads = config.numAttentionHeads();
    nope = mla.qkNopeHeadDim();
    rope = mla.qkRopeHeadDim();
    lora = mla.kvLoraRank();
    valueDim = mla.vHeadDim();
    int hidden = config.hiddenSize();
    int width = heads * (nope + rope);
    int rank = mla.qLoraRank();
    String prefix = "blk." + layer + ".attn_";
    query =
        rank > 0
            ? new TunedMatrix[] {
              tuning.matrix(Part.ATTENTION, prefix + "q_a", rank, hidden),
              tuning.matrix(Part.ATTENTION, prefix + "q_b", width, rank)
            }
            : new TunedMatrix[] {tuning.matrix(Part.ATTENTION, prefix + "q", width, hidden)};
    queryNorm =
        rank > 0
            ? new FrozenNorm[] {tuning.norm(prefix + "q_a_norm.weight", 1, rank)}
            : new FrozenNorm[0];
    attnKvAMqa = tuning.matrix(Part.ATTENTION, prefix + "kv_a_mqa", lora + rope, hidden);
    attnKvANorm = tuning.norm(prefix + "kv_a_norm.weight", 1, lora);
    kv = new FrozenHeads(tuning, prefix, heads, mla);
    attnOutput = tuning.matrix(Part.ATTENTION, prefix + "output", hidden, heads * valueDim);
    Blueprint blueprint = tuning.blueprint();
    queryLora = blueprint.scratch("queryLora", rank);
    queryLoraNormed = blueprint.scratch("queryLoraNormed", rank);
    queries = blueprint.scratch("query", width);
    compressed = blueprint.scratch("compressed", lora + rope);
    kvLora = blueprint.scratch("kvLora", lora);
    kvLoraNormed = blueprint.scratch("kvLoraNormed", lora);
    keyRotary = blueprint.scratch("keyRotary", rope);
    keyNope = blueprint.scratch("keyNope", heads * nope);
    keys = blueprint.scratch("key", width);
    values = blueprint.scratch("value", heads * valueDim);
    attended = blueprint.scratch("attended", heads * valueDim);
    dQueryLora = blueprint.scratch("dQueryLora", rank);
    dQueryLoraNormed = blueprint.scratch("dQueryLoraNormed", rank);
    dQueries = blueprint.scratch("dQuery", width);
    dCompressed = blueprint.scratch("dCompressed", lora + rope);
    dKvLora = blueprint.scratch("dKvLora", lora);
    dKvLoraNormed = blueprint.scratch("dKvLoraNormed", lora);
    dKeyRotary = blueprint.scratch("dKeyRotary", rope);
    dKeyNope = blueprint.scratch("dKeyNope", heads * nope);
    dKeys = blueprint.scratch("dKey", width);
    dValues = blueprint.scratch("dValue", heads * valueDim);
    dAttended = blueprint.scratch("dAttended", heads * valueDim);
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    int n = batch.size();
    int[] all = {0, n};
    if (query.length == 2) {
      query[0].forward(all, x, queryLora.data());
      queryNorm[0].forward(n, queryLora.data(), queryLoraNormed.data());
      query[1].forward(all, queryLoraNormed.data(), queries.data());
    } else {
      query[0].forward(all, x, queries.data());
    }
    attnKvAMqa.forward(all, x, compressed.data());
    workers.rows(n, (from, to, piece) -> splitCompressed(from, to));
    attnKvANorm.forward(n, kvLora.data(), kvLoraNormed.data());
    kv.forward(n, kvLoraNormed.data(), keyNope.data(), values.data());
    rotary.forward(batch, queries.data(), heads, nope + rope, nope);
    rotary.forward(batch, keyRotary.data(), 1, rope, 0);
    workers.rows(n, (from, to, piece) -> joinKeys(from, to));
    attention.sees(0, new float[0]);
    attention.forward(batch, queries.data(), keys.data(), values.data(), attended.data());
    attnOutput.forward(all, attended.data(), y);
  }

  private void splitCompressed(int from, int to) {
    for (int t = from; t < to; t++) {
      int at = t * (lora + rope);
      System.arraycopy(compressed.data(), at, kvLora.data(), t * lora, lora);
      System.arraycopy(compressed.data(), at + lora, keyRotary.data(), t * rope, rope);
    }
  }

  private void joinCompressed(int from, int to) {
    for (int t = from; t < to; t++) {
      int at = t * (lora + rope);
      System.arraycopy(dKvLora.data(), t * lora, dCompressed.data(), at, lora);
      System.arraycopy(dKeyRotary.data(), t * rope, dCompressed.data(), at + lora, rope);
    }
  }

  /** A head's key is its own part and the rotary part that all heads share. */
  private void joinKeys(int from, int to) {
    for (int row = from * heads; row < to * heads; row++) {
      int at = row * (nope + rope);
      System.arraycopy(keyNope.data(), row * nope, keys.data(), at, nope);
      System.arraycopy(keyRotary.data(), row / heads * rope, keys.data(), at + nope, rope);
    }
  }

  private void splitKeys(int from, int to) {
    for (int row = from * heads; row < to * heads; row++) {
      int at = row * (nope + rope);
      System.arraycopy(dKeys.data(), at, dKeyNope.data(), row * nope, nope);
      int shared = row / heads * rope;
      Workers.LOOPS.addScaled(1, dKeys.data(), at + nope, dKeyRotary.data(), shared, rope);
    }
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int n = batch.size();
    int[] all = {0, n};
    attnOutput.backward(all, attended.data(), dy, dAttended.cleared(n));
    attention.sees(0, new float[0]);
    attention.backward(
        batch,
        queries.data(),
        keys.data(),
        values.data(),
        attended.data(),
        dAttended.data(),
        dQueries.cleared(n),
        dKeys.cleared(n),
        dValues.cleared(n));
    rotary.backward(batch, dQueries.data(), heads, nope + rope, nope);
    dKeyRotary.cleared(n);
    workers.rows(n, (from, to, piece) -> splitKeys(from, to));
    rotary.backward(batch, dKeyRotary.data(), 1, rope, 0);
    kv.backward(n, dKeyNope.data(), dValues.data(), dKvLoraNormed.cleared(n));
    attnKvANorm.backward(n, kvLora.data(), dKvLoraNormed.data(), dKvLora.cleared(n));
    workers.rows(n, (from, to, piece) -> joinCompressed(from, to));
    attnKvAMqa.backward(all, x, dCompressed.data(), dx);
    if (query.length == 2) {
      float[] normed = queryLoraNormed.data();
      query[1].backward(all, normed, dQueries.data(), dQueryLoraNormed.cleared(n));
      float[] dNormed = dQueryLoraNormed.data();
      queryNorm[0].backward(n, queryLora.data(), dNormed, dQueryLora.cleared(n));
      query[0].backward(all, x, dQueryLora.data(), dx);
    } else {
      query[0].backward(all, x, dQueries.data(), dx);
    }
  }
}
