package io.moineau.model;

import io.moineau.format.GgufFile;
import io.moineau.kernels.AttentionShape;
import io.moineau.kernels.Kernels;
import io.moineau.model.ModelConfig.MlaConfig;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.util.Optional;

/**
 * Multi-head latent attention with the absorbed product (DeepSeek-V2, arXiv 2405.04434, section 2.1
 * and appendix C).
 *
 * <p>The cache keeps one compressed vector and one rotary key per token, for all heads. The
 * up-projection of the keys is multiplied into the query and that of the values into the result, so
 * that attention is that of many query heads over one key, whose value is the key's beginning.
 * Nothing is decompressed.
 */
public final class MlaAttention implements Attention {
  private final ModelConfig config;
  private final MlaConfig mla;
  private final Optional<TensorView> attnQA; // [qLoraRank, hiddenSize]
  private final float[] attnQANorm; // [qLoraRank]
  private final TensorView attnQB; // [numHeads * headDim, qLoraRank or hiddenSize]
  private final TensorView attnKvAMqa; // [kvLoraRank + qkRopeHeadDim, hiddenSize]
  private final float[] attnKvANorm; // [kvLoraRank]
  private final TensorView[] attnKB; // per head [kvLoraRank, qkNopeHeadDim]
  private final TensorView[] attnVB; // per head [vHeadDim, kvLoraRank]
  private final TensorView attnOutput; // [hiddenSize, numHeads * vHeadDim]
  private final AttentionShape shape;

  private MlaAttention(ModelConfig config, TensorBinder tensors, int layer) {
    this.config = config;
    this.mla = config.mla().orElseThrow();
    String prefix = "blk." + layer + ".";
    int hidden = config.hiddenSize();
    int heads = config.numAttentionHeads();
    int queryWidth = heads * config.headDim();
    if (mla.qLoraRank() > 0) {
      attnQA = Optional.of(tensors.matrix(prefix + "attn_q_a.weight", mla.qLoraRank(), hidden));
      attnQANorm = tensors.vector(prefix + "attn_q_a_norm.weight", mla.qLoraRank());
      attnQB = tensors.matrix(prefix + "attn_q_b.weight", queryWidth, mla.qLoraRank());
    } else {
      attnQA = Optional.empty();
      attnQANorm = new float[0];
      attnQB = tensors.matrix(prefix + "attn_q.weight", queryWidth, hidden);
    }
    attnKvAMqa =
        tensors.matrix(
            prefix + "attn_kv_a_mqa.weight", mla.kvLoraRank() + mla.qkRopeHeadDim(), hidden);
    attnKvANorm = tensors.vector(prefix + "attn_kv_a_norm.weight", mla.kvLoraRank());
    int perHead = mla.qkNopeHeadDim() + mla.vHeadDim();
    Optional<TensorView> joined =
        tensors
            .findMatrix(prefix + "attn_kv_b.weight", (long) heads * perHead, mla.kvLoraRank())
            .map(tensors::adapted);
    if (joined.isPresent()) {
      attnKB = new TensorView[heads];
      attnVB = new TensorView[heads];
      for (int h = 0; h < heads; h++) {
        long row = (long) h * perHead;
        attnKB[h] = tensors.transposed(joined.get(), row, mla.qkNopeHeadDim());
        attnVB[h] = tensors.rows(joined.get(), row + mla.qkNopeHeadDim(), mla.vHeadDim());
      }
    } else {
      attnKB =
          tensors.heads(prefix + "attn_k_b.weight", heads, mla.kvLoraRank(), mla.qkNopeHeadDim());
      attnVB = tensors.heads(prefix + "attn_v_b.weight", heads, mla.vHeadDim(), mla.kvLoraRank());
    }
    attnOutput =
        tensors.matrix(prefix + "attn_output.weight", hidden, (long) heads * mla.vHeadDim());
    int compressed = mla.kvLoraRank() + mla.qkRopeHeadDim();
    shape =
        new AttentionShape(
            heads, 1, compressed, mla.kvLoraRank(), config.attentionScale(), 0, null);
  }

  /**
   * Binds a layer, of the layout with {@code attn_k_b} and {@code attn_v_b} or {@code attn_kv_b}.
   */
  public static MlaAttention bind(ModelConfig config, TensorBinder tensors, int layer) {
    return new MlaAttention(config, tensors, layer);
  }

  /** Bytes of the copies that are made of a file's {@code attn_kv_b}, to be read by columns. */
  public static long copiedBytes(ModelConfig config, GgufFile file) {
    if (config.mla().isEmpty()) {
      return 0;
    }
    MlaConfig mla = config.mla().get();
    long perLayer = 4L * config.numAttentionHeads() * mla.qkNopeHeadDim() * mla.kvLoraRank();
    long bytes = 0;
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      bytes += file.find("blk." + i + ".attn_kv_b.weight").isPresent() ? perLayer : 0;
    }
    return bytes;
  }

  @Override
  public void forward(Pass pass, int layer, FloatMatrix x, FloatMatrix out) {
    Kernels kernels = pass.kernels();
    Workspace scratch = pass.workspace();
    int n = pass.size();
    int heads = config.numAttentionHeads();
    int nope = mla.qkNopeHeadDim();
    int ropeDim = mla.qkRopeHeadDim();
    int lora = mla.kvLoraRank();
    FloatMatrix query = query(pass, layer, x); // [n, heads * (nope + ropeDim)]
    FloatMatrix key = scratch.key; // [n, lora + ropeDim]
    pass.matmul(attnKvAMqa, x, n, key);
    kernels.rmsNorm(key, n, lora, 1, attnKvANorm, config.rmsNormEps(), key);
    boolean neox = config.rope().neox();
    kernels.rope(query, n, heads, config.headDim(), nope, ropeDim, scratch.cos, scratch.sin, neox);
    kernels.rope(key, n, 1, key.columns(), lora, ropeDim, scratch.cos, scratch.sin, neox);
    pass.seen("Kcur", layer, key);
    KvWriter.write(pass, layer, key, scratch.value);
    FloatMatrix absorbed = scratch.queryAbsorbed; // [n, heads * (lora + ropeDim)]
    pass.headMatmul(attnKB, query, config.headDim(), absorbed, lora + ropeDim);
    copyRotary(kernels, n, query, absorbed);
    pass.seen("Qcur", layer, absorbed);
    FloatMatrix attended = scratch.attended.reshape(n, heads * lora);
    pass.attention(shape, absorbed, layer, attended);
    FloatMatrix values = scratch.attendedValue; // [n, heads * vHeadDim]
    pass.headMatmul(attnVB, attended, lora, values, mla.vHeadDim());
    pass.seen("kqv_out", layer, values);
    pass.matmul(attnOutput, values, n, out);
    pass.seen("attn_out", layer, out);
  }

  private FloatMatrix query(Pass pass, int layer, FloatMatrix x) {
    Kernels kernels = pass.kernels();
    Workspace scratch = pass.workspace();
    int n = pass.size();
    FloatMatrix from = x;
    if (attnQA.isPresent()) {
      from = scratch.queryLora;
      pass.matmul(attnQA.get(), x, n, from);
      kernels.rmsNorm(from, n, mla.qLoraRank(), 1, attnQANorm, config.rmsNormEps(), from);
    }
    pass.matmul(attnQB, from, n, scratch.query);
    pass.seen("q", layer, scratch.query);
    return scratch.query;
  }

  private void copyRotary(Kernels kernels, int n, FloatMatrix query, FloatMatrix absorbed) {
    int stride = mla.kvLoraRank() + mla.qkRopeHeadDim();
    kernels.parallel(
        n,
        t -> {
          for (int h = 0; h < config.numAttentionHeads(); h++) {
            java.lang.foreign.MemorySegment.copy(
                query.data(),
                query.offset(t, h * config.headDim() + mla.qkNopeHeadDim()),
                absorbed.data(),
                absorbed.offset(t, h * stride + mla.kvLoraRank()),
                4L * mla.qkRopeHeadDim());
          }
        });
  }
}
