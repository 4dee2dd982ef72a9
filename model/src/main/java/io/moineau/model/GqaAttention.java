package io.moineau.model;

import io.moineau.kernels.AttentionShape;
import io.moineau.kernels.Kernels;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Grouped-query attention (arXiv 2305.13245) with what the families add to it: biases, norms of
 * queries and keys, sinks, a sliding window.
 */
public final class GqaAttention implements Attention {
  /** Which norm queries and keys get, and when. */
  public enum QkNorm {
    /** None. */
    NONE,
    /** Each head on its own, before the rotary embedding. */
    PER_HEAD,
    /** Each head on its own, after the rotary embedding. */
    PER_HEAD_AFTER_ROPE,
    /** All heads as one vector, before the rotary embedding. */
    FULL_WIDTH
  }

  private final ModelConfig config;
  private final TensorView[] qkv; // [heads * headDim, hiddenSize] each
  private final float @Nullable [][] qkvBias;
  private final QkNorm qkNorm;
  private final float[] attnQNorm;
  private final float[] attnKNorm;
  private final TensorView attnOutput; // [hiddenSize, numHeads * valueHeadDim]
  private final float @Nullable [] outputBias;
  private final AttentionShape shape;

  private GqaAttention(
      ModelConfig config, TensorBinder tensors, int layer, QkNorm norm, int window) {
    this.config = config;
    String prefix = "blk." + layer + ".";
    int hidden = config.hiddenSize();
    int queryWidth = config.numAttentionHeads() * config.headDim();
    int keyWidth = config.numKeyValueHeads() * config.headDim();
    int valueWidth = config.numKeyValueHeads() * config.valueHeadDim();
    int[] widths = {queryWidth, keyWidth, valueWidth};
    qkv = bindQkv(tensors, prefix, hidden, widths);
    qkvBias = bindQkvBias(tensors, prefix, widths);
    boolean full = norm == QkNorm.FULL_WIDTH;
    float[] none = new float[0];
    Optional<float[]> queryNorm =
        norm == QkNorm.NONE
            ? Optional.empty()
            : tensors.findVector(
                prefix + "attn_q_norm.weight", full ? queryWidth : config.headDim());
    // A norm is there for both or for neither (GLM-4.5 Air has none).
    qkNorm = queryNorm.isEmpty() ? QkNorm.NONE : norm;
    attnQNorm = queryNorm.orElse(none);
    attnKNorm =
        qkNorm == QkNorm.NONE
            ? none
            : tensors.vector(prefix + "attn_k_norm.weight", full ? keyWidth : config.headDim());
    attnOutput =
        tensors.matrix(
            prefix + "attn_output.weight",
            hidden,
            (long) config.numAttentionHeads() * config.valueHeadDim());
    outputBias = tensors.findVector(prefix + "attn_output.bias", hidden).orElse(null);
    float[] sinks =
        tensors.findVector(prefix + "attn_sinks.weight", config.numAttentionHeads()).orElse(null);
    shape =
        new AttentionShape(
            config.numAttentionHeads(),
            config.numKeyValueHeads(),
            config.headDim(),
            config.valueHeadDim(),
            config.attentionScale(),
            window,
            sinks);
  }

  /** Binds {@code blk.N.attn_q} and the rest of a layer that sees every position. */
  public static GqaAttention bind(
      ModelConfig config, TensorBinder tensors, int layer, QkNorm norm) {
    return new GqaAttention(config, tensors, layer, norm, 0);
  }

  /** Binds a layer that sees {@code window} positions, its own included; 0 for all. */
  public static GqaAttention bind(
      ModelConfig config, TensorBinder tensors, int layer, QkNorm norm, int window) {
    return new GqaAttention(config, tensors, layer, norm, window);
  }

  private static TensorView[] bindQkv(
      TensorBinder tensors, String prefix, int hidden, int[] widths) {
    Optional<TensorView> fused =
        tensors.findMatrix(
            prefix + "attn_qkv.weight", (long) widths[0] + widths[1] + widths[2], hidden);
    if (fused.isPresent()) {
      return new TensorView[] {
        tensors.rows(fused.get(), 0, widths[0]),
        tensors.rows(fused.get(), widths[0], widths[1]),
        tensors.rows(fused.get(), (long) widths[0] + widths[1], widths[2])
      };
    }
    return new TensorView[] {
      tensors.matrix(prefix + "attn_q.weight", widths[0], hidden),
      tensors.matrix(prefix + "attn_k.weight", widths[1], hidden),
      tensors.matrix(prefix + "attn_v.weight", widths[2], hidden)
    };
  }

  private static float @Nullable [][] bindQkvBias(
      TensorBinder tensors, String prefix, int[] widths) {
    Optional<float[]> fused =
        tensors.findVector(prefix + "attn_qkv.bias", widths[0] + widths[1] + widths[2]);
    float[][] biases = new float[3][];
    int from = 0;
    for (int i = 0; i < 3; i++) {
      String name = prefix + "attn_" + "qkv".charAt(i) + ".bias";
      biases[i] =
          fused.isPresent()
              ? java.util.Arrays.copyOfRange(fused.get(), from, from + widths[i])
              : tensors.findVector(name, widths[i]).orElse(new float[0]);
      from += widths[i];
    }
    return biases;
  }

  @Override
  public void forward(Pass pass, int layer, FloatMatrix x, FloatMatrix out) {
    Kernels kernels = pass.kernels();
    Workspace scratch = pass.workspace();
    int n = pass.size();
    FloatMatrix query = scratch.query;
    FloatMatrix key = scratch.key;
    FloatMatrix value = scratch.value;
    FloatMatrix[] outs = {query, key, value};
    pass.matmul(qkv, x, n, outs);
    for (int i = 0; i < 3; i++) {
      if (qkvBias != null && qkvBias[i].length > 0) {
        kernels.addBias(outs[i], n, qkvBias[i]);
      }
    }
    if (qkNorm == QkNorm.PER_HEAD || qkNorm == QkNorm.FULL_WIDTH) {
      normQueriesAndKeys(kernels, n, query, key);
    }
    rope(kernels, n, query, config.numAttentionHeads(), scratch);
    rope(kernels, n, key, config.numKeyValueHeads(), scratch);
    if (qkNorm == QkNorm.PER_HEAD_AFTER_ROPE) {
      normQueriesAndKeys(kernels, n, query, key);
    }
    pass.seen("Qcur", layer, query);
    pass.seen("Kcur", layer, key);
    pass.seen("Vcur", layer, value);
    KvWriter.write(pass, layer, key, value);
    FloatMatrix attended =
        scratch.attended.reshape(n, config.numAttentionHeads() * config.valueHeadDim());
    pass.attention(shape, query, layer, attended);
    pass.seen("kqv_out", layer, attended);
    pass.matmul(attnOutput, attended, n, out);
    if (outputBias != null) {
      kernels.addBias(out, n, outputBias);
    }
    pass.seen("attn_out", layer, out);
  }

  private void normQueriesAndKeys(Kernels kernels, int n, FloatMatrix query, FloatMatrix key) {
    boolean full = qkNorm == QkNorm.FULL_WIDTH;
    float eps = config.rmsNormEps();
    int heads = full ? 1 : config.numAttentionHeads();
    int keyHeads = full ? 1 : config.numKeyValueHeads();
    kernels.rmsNorm(query, n, query.columns(), heads, attnQNorm, eps, query);
    kernels.rmsNorm(key, n, key.columns(), keyHeads, attnKNorm, eps, key);
  }

  private void rope(Kernels kernels, int n, FloatMatrix x, int heads, Workspace scratch) {
    RopeConfig rope = config.rope();
    kernels.rope(
        x, n, heads, config.headDim(), 0, rope.dim(), scratch.cos, scratch.sin, rope.neox());
  }
}
