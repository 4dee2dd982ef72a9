package io.moineau.bench.peers;

import io.moineau.bench.peers.ModelKind.Decoder;
import io.moineau.bench.peers.ModelKind.Experts;
import io.moineau.bench.peers.ModelKind.Mla;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.kernels.quant.FileType;
import io.moineau.kernels.quant.QuantizeRecipe;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.testkit.TinyVocabulary;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A file with the shapes, keys and types of a real model and random weights from a seed.
 *
 * <p>Spreads are chosen so that activations keep their size from layer to layer and logits differ
 * enough for a softmax: nothing overflows, and experts are chosen unevenly as in trained models.
 * Which tensor gets which type is decided as {@code llama-quantize} does ({@link QuantizeRecipe}).
 */
final class SyntheticModel {
  /**
   * A tensor to be.
   *
   * @param shape slowest dimension first
   * @param spread standard deviation
   * @param middle mean
   */
  private record Weight(String name, Shape shape, float spread, float middle) {}

  private final ModelKind kind;
  private final Decoder decoder;
  private final Mla mla;
  private final Experts experts;
  private final FileType type;
  private final int numLayers;
  private final long seed;
  private final List<Weight> weights = new ArrayList<>();

  /**
   * A model that is not written yet.
   *
   * @param layers how many; 0 for as many as the kind has
   */
  SyntheticModel(ModelKind kind, FileType type, int layers, long seed) {
    this.kind = kind;
    this.decoder = kind.decoder();
    this.mla = kind.mla();
    this.experts = kind.experts();
    this.type = type;
    this.numLayers = layers == 0 ? decoder.numHiddenLayers() : layers;
    this.seed = seed;
    listWeights();
  }

  /** Weights in all. */
  long parameters() {
    return weights.stream().mapToLong(weight -> weight.shape.elements()).sum();
  }

  /**
   * Writes the file.
   *
   * @throws io.moineau.format.FormatException if it cannot be written
   */
  void write(Path path) {
    writer().write(path);
  }

  /** The file as a writer, whose tensors are made when it writes. */
  GgufWriter writer() {
    GgufWriter writer = new GgufWriter();
    writer.metadata("general.architecture", GgufValue.string(decoder.architecture()));
    writer.metadata("general.name", GgufValue.string(kind.label() + ", random weights"));
    writer.metadata("general.file_type", GgufValue.uint32(type.number()));
    writer.metadata("general.quantization_version", GgufValue.uint32(2));
    hyperParameters(writer);
    TinyVocabulary vocabulary = RandomVocabulary.of(seed, decoder.vocabSize());
    vocabulary.writeTo(writer, true);
    Map<String, DType> types = types();
    RandomWeights random = new RandomWeights(seed);
    for (int i = 0; i < weights.size(); i++) {
      Weight weight = weights.get(i);
      DType of = types.getOrDefault(weight.name, DType.F32);
      long bytes = of.bytesFor(weight.shape.columns()) * weight.shape.rows();
      int index = i;
      writer.tensor(
          weight.name,
          of,
          weight.shape,
          sink -> random.write(sink, index, of, bytes, weight.spread, weight.middle));
    }
    return writer;
  }

  private Map<String, DType> types() {
    List<QuantizeRecipe.Tensor> tensors = new ArrayList<>();
    for (Weight weight : weights) {
      tensors.add(new QuantizeRecipe.Tensor(weight.name, DType.F32, weight.shape));
    }
    return new QuantizeRecipe(
            type,
            decoder.architecture(),
            numLayers,
            decoder.numAttentionHeads(),
            decoder.numKeyValueHeads(),
            experts.nRoutedExperts())
        .types(tensors);
  }

  private void hyperParameters(GgufWriter writer) {
    uint32(writer, "vocab_size", decoder.vocabSize());
    uint32(writer, "block_count", numLayers);
    uint32(writer, "context_length", decoder.maxPositionEmbeddings());
    uint32(writer, "embedding_length", decoder.hiddenSize());
    uint32(writer, "feed_forward_length", decoder.intermediateSize());
    uint32(writer, "attention.head_count", decoder.numAttentionHeads());
    uint32(writer, "attention.head_count_kv", decoder.numKeyValueHeads());
    float32(writer, "attention.layer_norm_rms_epsilon", decoder.rmsNormEps());
    float32(writer, "rope.freq_base", decoder.ropeTheta());
    if (kind.isMla()) {
      mlaParameters(writer);
    } else {
      uint32(writer, "attention.key_length", decoder.headDim());
      uint32(writer, "attention.value_length", decoder.headDim());
      uint32(writer, "rope.dimension_count", decoder.headDim());
    }
    if (kind.isMoe()) {
      uint32(writer, "expert_count", experts.nRoutedExperts());
      uint32(writer, "expert_used_count", experts.numExpertsPerTok());
      uint32(writer, "expert_feed_forward_length", experts.moeIntermediateSize());
    }
  }

  private void mlaParameters(GgufWriter writer) {
    boolean v3 = kind.isV3();
    if (v3) {
      uint32(writer, "attention.q_lora_rank", mla.qLoraRank());
      uint32(writer, "expert_group_count", experts.nGroup());
      uint32(writer, "expert_group_used_count", experts.topkGroup());
    }
    uint32(writer, "attention.kv_lora_rank", mla.kvLoraRank());
    uint32(writer, "rope.dimension_count", mla.qkRopeHeadDim());
    uint32(writer, "attention.key_length", mla.kvLoraRank() + mla.qkRopeHeadDim());
    uint32(writer, "attention.value_length", mla.kvLoraRank());
    uint32(writer, "attention.key_length_mla", mla.qkNopeHeadDim() + mla.qkRopeHeadDim());
    uint32(writer, "attention.value_length_mla", mla.vHeadDim());
    uint32(writer, "leading_dense_block_count", experts.firstKDenseReplace());
    uint32(writer, "expert_shared_count", experts.nSharedExperts());
    uint32(writer, "expert_gating_func", v3 ? 2 : 1);
    writer.metadata(decoder.architecture() + ".expert_weights_norm", GgufValue.bool(v3));
    float32(writer, "expert_weights_scale", v3 ? 2.5 : 1);
    writer.metadata(decoder.architecture() + ".rope.scaling.type", GgufValue.string("yarn"));
    float32(writer, "rope.scaling.factor", 40);
    uint32(writer, "rope.scaling.original_context_length", 4096);
    float32(writer, "rope.scaling.yarn_log_multiplier", v3 ? 0.1 : 0.0707);
  }

  private void uint32(GgufWriter writer, String key, long value) {
    writer.metadata(decoder.architecture() + "." + key, GgufValue.uint32(value));
  }

  private void float32(GgufWriter writer, String key, double value) {
    writer.metadata(decoder.architecture() + "." + key, GgufValue.float32(value));
  }

  private void listWeights() {
    int hidden = decoder.hiddenSize();
    boolean tied = decoder.architecture().equals("llama");
    matrix("token_embd.weight", tied ? 0.05 : 1, decoder.vocabSize(), hidden);
    norm("output_norm.weight", hidden);
    if (!tied) {
      matrix("output.weight", 3 / Math.sqrt(hidden), decoder.vocabSize(), hidden);
    }
    for (int layer = 0; layer < numLayers; layer++) {
      String block = "blk." + layer + ".";
      norm(block + "attn_norm.weight", hidden);
      if (kind.isMla()) {
        listMla(block, hidden);
      } else {
        listGqa(block, hidden);
      }
      norm(block + "ffn_norm.weight", hidden);
      if (!kind.isMoe() || layer < experts.firstKDenseReplace()) {
        matrix(block + "ffn_gate.weight", decoder.intermediateSize(), hidden);
        matrix(block + "ffn_up.weight", decoder.intermediateSize(), hidden);
        matrix(block + "ffn_down.weight", hidden, decoder.intermediateSize());
      } else {
        listExperts(block, hidden);
      }
    }
  }

  private void listGqa(String block, int hidden) {
    int width = decoder.headDim();
    int keyValueRows = decoder.numKeyValueHeads() * width;
    matrix(block + "attn_q.weight", decoder.numAttentionHeads() * width, hidden);
    matrix(block + "attn_k.weight", keyValueRows, hidden);
    matrix(block + "attn_v.weight", keyValueRows, hidden);
    if (decoder.architecture().equals("qwen3moe")) {
      norm(block + "attn_q_norm.weight", width);
      norm(block + "attn_k_norm.weight", width);
    }
    matrix(block + "attn_output.weight", hidden, decoder.numAttentionHeads() * width);
  }

  private void listMla(String block, int hidden) {
    int heads = decoder.numAttentionHeads();
    int queryRows = heads * (mla.qkNopeHeadDim() + mla.qkRopeHeadDim());
    if (mla.qLoraRank() > 0) {
      matrix(block + "attn_q_a.weight", mla.qLoraRank(), hidden);
      norm(block + "attn_q_a_norm.weight", mla.qLoraRank());
      matrix(block + "attn_q_b.weight", queryRows, mla.qLoraRank());
    } else {
      matrix(block + "attn_q.weight", 1.5 / Math.sqrt(hidden), queryRows, hidden);
    }
    matrix(block + "attn_kv_a_mqa.weight", mla.kvLoraRank() + mla.qkRopeHeadDim(), hidden);
    norm(block + "attn_kv_a_norm.weight", mla.kvLoraRank());
    // attn_k_b is stored transposed, but its products are sums over the rank all the same.
    matrix(
        block + "attn_k_b.weight",
        1 / Math.sqrt(mla.kvLoraRank()),
        heads,
        mla.kvLoraRank(),
        mla.qkNopeHeadDim());
    matrix(block + "attn_v_b.weight", heads, mla.vHeadDim(), mla.kvLoraRank());
    matrix(block + "attn_output.weight", hidden, heads * mla.vHeadDim());
  }

  private void listExperts(String block, int hidden) {
    int width = experts.moeIntermediateSize();
    int count = experts.nRoutedExperts();
    double router = (kind.isV3() ? 1.5 : 3) / Math.sqrt(hidden);
    matrix(block + "ffn_gate_inp.weight", router, count, hidden);
    if (kind.isV3()) {
      weights.add(new Weight(block + "exp_probs_b.bias", Shape.of(count), 0.1f, 0));
    }
    matrix(block + "ffn_gate_exps.weight", count, width, hidden);
    matrix(block + "ffn_up_exps.weight", count, width, hidden);
    matrix(block + "ffn_down_exps.weight", count, hidden, width);
    if (experts.nSharedExperts() > 0) {
      int shared = experts.nSharedExperts() * width;
      matrix(block + "ffn_gate_shexp.weight", shared, hidden);
      matrix(block + "ffn_up_shexp.weight", shared, hidden);
      matrix(block + "ffn_down_shexp.weight", hidden, shared);
    }
  }

  private void norm(String tensor, int width) {
    weights.add(new Weight(tensor, Shape.of(width), 0.05f, 1));
  }

  private void matrix(String tensor, long... dims) {
    matrix(tensor, 1 / Math.sqrt(dims[dims.length - 1]), dims);
  }

  private void matrix(String tensor, double spread, long... dims) {
    weights.add(new Weight(tensor, Shape.of(dims), (float) spread, 0));
  }
}
