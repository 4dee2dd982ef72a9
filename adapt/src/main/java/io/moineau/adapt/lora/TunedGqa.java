package io.moineau.adapt.lora;

import io.moineau.adapt.block.Block;
import io.moineau.adapt.block.Blueprint;
import io.moineau.adapt.block.CausalAttention;
import io.moineau.adapt.block.Slab;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.lora.LoraSettings.Part;
import io.moineau.model.GqaAttention.QkNorm;
import io.moineau.model.ModelConfig;

/**
 * Grouped-query attention (arXiv 2305.13245) with what the families add to it, as {@link
 * io.moineau.model.GqaAttention} computes it.
 */
final class TunedGqa implements Block {
  private final Workers workers;
  private final ModelConfig config;
  private final TunedMatrix[] projections; // attn_qkv, or attn_q, attn_k and attn_v
  private final QkNorm qkNorm;
  private final FrozenNorm[] norms; // of queries and of keys, or none
  private final TunedMatrix attnOutput;
  private final RotaryEmbedding rotary;
  private final CausalAttention attention;
  private final int window;
  private final float[] sinks; // [heads], or empty
  private final int[] widths; // of queries, keys, values
  private final Slab qkv; // [n, sum of widths] where one matrix computes all
  private final Slab rawQuery; // [n, heads * headDim], before what comes last
  private final Slab rawKey; // [n, kvHeads * headDim]
  private final Slab query;
  private final Slab key;
  private final Slab value; // [n, kvHeads * valueHeadDim]
  private final Slab attended; // [n, heads * valueHeadDim]
  private final Slab dQkv;
  private final Slab dQuery;
  private final Slab dKey;
  private final Slab dValue;
  private final Slab dAttended;
  private final Slab dRawQuery;
  private final Slab dRawKey;

  /** {@code window} positions are seen, the token's own included; 0 for all. */
  TunedGqa(
      Tuning tuning,
      RotaryEmbedding rotary,
      CausalAttention attention,
      int layer,
      QkNorm norm,
      int window) {
    workers = tuning.workers();
    config = tuning.config();
    this.rotary = rotary;
    this.attention = attention;
    this.window = window;
    String prefix = "blk." + layer + ".attn_";
    int hidden = config.hiddenSize();
    int heads = config.numAttentionHeads();
    int kvHeads = config.numKeyValueHeads();
    int dim = config.headDim();
    widths = new int[] {heads * dim, kvHeads * dim, kvHeads * config.valueHeadDim()};
    int sum = widths[0] + widths[1] + widths[2];
    boolean fused = tuning.tensors().has(prefix + "qkv.weight");
    projections =
        fused
            ? new TunedMatrix[] {tuning.matrix(Part.ATTENTION, prefix + "qkv", sum, hidden)}
            : new TunedMatrix[] {
              tuning.matrix(Part.ATTENTION, prefix + "q", widths[0], hidden),
              tuning.matrix(Part.ATTENTION, prefix + "k", widths[1], hidden),
              tuning.matrix(Part.ATTENTION, prefix + "v", widths[2], hidden)
            };
    // A norm is there for both or for neither (GLM-4.5 Air has none).
    boolean normed = norm != QkNorm.NONE && tuning.tensors().has(prefix + "q_norm.weight");
    qkNorm = normed ? norm : QkNorm.NONE;
    boolean full = qkNorm == QkNorm.FULL_WIDTH;
    norms =
        normed
            ? new FrozenNorm[] {
              tuning.norm(prefix + "q_norm.weight", full ? 1 : heads, full ? widths[0] : dim),
              tuning.norm(prefix + "k_norm.weight", full ? 1 : kvHeads, full ? widths[1] : dim)
            }
            : new FrozenNorm[0];
    attnOutput =
        tuning.matrix(Part.ATTENTION, prefix + "output", hidden, heads * config.valueHeadDim());
    sinks = tuning.tensors().find(prefix + "sinks.weight", heads).orElse(new float[0]);
    Blueprint blueprint = tuning.blueprint();
    qkv = blueprint.scratch("qkv", fused ? sum : 0);
    dQkv = blueprint.scratch("dQkv", fused ? sum : 0);
    rawQuery = blueprint.scratch("rawQuery", widths[0]);
    rawKey = blueprint.scratch("rawKey", widths[1]);
    query = blueprint.scratch("query", normed ? widths[0] : 0);
    key = blueprint.scratch("key", normed ? widths[1] : 0);
    value = blueprint.scratch("value", widths[2]);
    attended = blueprint.scratch("attended", heads * config.valueHeadDim());
    dQuery = blueprint.scratch("dQuery", widths[0]);
    dKey = blueprint.scratch("dKey", widths[1]);
    dValue = blueprint.scratch("dValue", widths[2]);
    dAttended = blueprint.scratch("dAttended", heads * config.valueHeadDim());
    dRawQuery = blueprint.scratch("dRawQuery", normed ? widths[0] : 0);
    dRawKey = blueprint.scratch("dRawKey", normed ? widths[1] : 0);
  }

  private float[] lastQuery() {
    return norms.length > 0 ? query.data() : rawQuery.data();
  }

  private float[] lastKey() {
    return norms.length > 0 ? key.data() : rawKey.data();
  }

  @Override
  public void forward(TokenBatch batch, float[] x, float[] y) {
    int n = batch.size();
    int[] all = {0, n};
    float[][] parts = {rawQuery.data(), rawKey.data(), value.data()};
    if (projections.length == 1) {
      projections[0].forward(all, x, qkv.data());
      workers.rows(n, (from, to, piece) -> split(from, to, qkv.data(), parts));
    } else {
      TunedMatrix.forward(all, x, projections, parts);
    }
    if (qkNorm == QkNorm.PER_HEAD_AFTER_ROPE) {
      rotate(batch, rawQuery.data(), rawKey.data(), true);
    }
    if (norms.length > 0) {
      norms[0].forward(n, rawQuery.data(), query.data());
      norms[1].forward(n, rawKey.data(), key.data());
    }
    if (qkNorm != QkNorm.PER_HEAD_AFTER_ROPE) {
      rotate(batch, lastQuery(), lastKey(), true);
    }
    attention.sees(window, sinks);
    attention.forward(batch, lastQuery(), lastKey(), value.data(), attended.data());
    attnOutput.forward(all, attended.data(), y);
  }

  private void rotate(TokenBatch batch, float[] queries, float[] keys, boolean forward) {
    int dim = config.headDim();
    if (forward) {
      rotary.forward(batch, queries, config.numAttentionHeads(), dim, 0);
      rotary.forward(batch, keys, config.numKeyValueHeads(), dim, 0);
    } else {
      rotary.backward(batch, queries, config.numAttentionHeads(), dim, 0);
      rotary.backward(batch, keys, config.numKeyValueHeads(), dim, 0);
    }
  }

  private void split(int from, int to, float[] joined, float[][] parts) {
    int at = from * (widths[0] + widths[1] + widths[2]);
    for (int t = from; t < to; t++) {
      for (int i = 0; i < 3; i++) {
        System.arraycopy(joined, at, parts[i], t * widths[i], widths[i]);
        at += widths[i];
      }
    }
  }

  private void join(int from, int to, float[][] parts, float[] joined) {
    int at = from * (widths[0] + widths[1] + widths[2]);
    for (int t = from; t < to; t++) {
      for (int i = 0; i < 3; i++) {
        System.arraycopy(parts[i], t * widths[i], joined, at, widths[i]);
        at += widths[i];
      }
    }
  }

  @Override
  public void backward(TokenBatch batch, float[] x, float[] dy, float[] dx) {
    int n = batch.size();
    int[] all = {0, n};
    attnOutput.backward(all, attended.data(), dy, dAttended.cleared(n));
    attention.sees(window, sinks);
    attention.backward(
        batch,
        lastQuery(),
        lastKey(),
        value.data(),
        attended.data(),
        dAttended.data(),
        dQuery.cleared(n),
        dKey.cleared(n),
        dValue.cleared(n));
    if (qkNorm != QkNorm.PER_HEAD_AFTER_ROPE) {
      rotate(batch, dQuery.data(), dKey.data(), false);
    }
    float[][] parts = {dQuery.data(), dKey.data(), dValue.data()};
    if (norms.length > 0) {
      parts = new float[][] {dRawQuery.cleared(n), dRawKey.cleared(n), dValue.data()};
      norms[0].backward(n, rawQuery.data(), dQuery.data(), parts[0]);
      norms[1].backward(n, rawKey.data(), dKey.data(), parts[1]);
    }
    if (qkNorm == QkNorm.PER_HEAD_AFTER_ROPE) {
      rotate(batch, parts[0], parts[1], false);
    }
    if (projections.length == 1) {
      float[][] from = parts;
      workers.rows(n, (first, last, piece) -> join(first, last, from, dQkv.data()));
      projections[0].backward(all, x, dQkv.data(), dx);
    } else {
      for (int i = 0; i < 3; i++) {
        projections[i].backward(all, x, parts[i], dx);
      }
    }
  }
}
