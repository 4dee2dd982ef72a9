package io.moineau.testkit;

import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A model of random weights from a seed, with the tensor names, shapes and keys that llama.cpp has
 * for its architecture: small enough to run in a unit test of a fresh clone.
 *
 * <p>{@link TinyModels} has the kinds; the setters change sizes before it is written. Names are the
 * words of Hugging Face's {@code config.json}.
 */
public final class TinyModel {
  private record Weight(String name, Shape shape, float spread, float middle) {}

  private final String architecture;
  private final long seed;
  private final TinyVocabulary vocabulary;
  private final List<Weight> weights = new ArrayList<>();

  private String name;
  private String chatTemplate = "";
  private int hiddenSize = 64;
  private int numHiddenLayers = 3;
  private int numAttentionHeads = 4;
  private int numKeyValueHeads = 2;
  private int headDim = 16;
  private int intermediateSize = 128;
  private int maxPositionEmbeddings = 2048;
  private int nRoutedExperts;
  private int numExpertsPerTok;
  private int moeIntermediateSize = 32;
  private int nSharedExperts;
  private int firstKDenseReplace;
  private int nGroup = 1;
  private int topkGroup = 1;
  private int qLoraRank;
  private boolean nextn;
  private boolean wordsOnly;
  private boolean tieWordEmbeddings;
  private DType type = DType.F32;
  private WeightEncoder encoder = WeightEncoder.PLAIN;

  static final int KV_LORA_RANK = 64;
  static final int QK_NOPE_HEAD_DIM = 32;
  static final int QK_ROPE_HEAD_DIM = 16;
  static final int V_HEAD_DIM = 32;

  TinyModel(String architecture, long seed, TinyVocabulary vocabulary) {
    this.architecture = architecture;
    this.seed = seed;
    this.vocabulary = vocabulary;
    this.name = "tiny random " + architecture;
  }

  /** The vocabulary. */
  public TinyVocabulary vocabulary() {
    return vocabulary;
  }

  /** Sets {@code general.name}. */
  public TinyModel name(String newName) {
    name = newName;
    return this;
  }

  /** Sets {@code tokenizer.chat_template}. */
  public TinyModel chatTemplate(String source) {
    chatTemplate = source;
    return this;
  }

  /** Sets the width of the residual stream. */
  public TinyModel hiddenSize(int size) {
    hiddenSize = size;
    return this;
  }

  /** Sets the number of layers. */
  public TinyModel numHiddenLayers(int layers) {
    numHiddenLayers = layers;
    return this;
  }

  /** Sets the heads of queries, of keys and values, and the width of each; not for deepseek2. */
  public TinyModel heads(int queries, int keyValues, int width) {
    numAttentionHeads = queries;
    numKeyValueHeads = keyValues;
    headDim = width;
    return this;
  }

  /** Sets the width of dense feed-forward layers. */
  public TinyModel intermediateSize(int size) {
    intermediateSize = size;
    return this;
  }

  /** Sets the context length. */
  public TinyModel maxPositionEmbeddings(int positions) {
    maxPositionEmbeddings = positions;
    return this;
  }

  /** Sets the number of experts, how many a token uses, and the width of each. */
  public TinyModel experts(int count, int perToken, int width) {
    nRoutedExperts = count;
    numExpertsPerTok = perToken;
    moeIntermediateSize = width;
    return this;
  }

  /**
   * Sets how many experts all tokens share, and how many first layers are dense; deepseek2 only.
   */
  public TinyModel shared(int experts, int denseLayers) {
    nSharedExperts = experts;
    firstKDenseReplace = denseLayers;
    return this;
  }

  /** Sets the groups of experts and how many of them a token may use; deepseek2 V3 only. */
  public TinyModel groups(int count, int used) {
    nGroup = count;
    topkGroup = used;
    return this;
  }

  /** Sets whether the embedding is the output matrix too. */
  public TinyModel tieWordEmbeddings(boolean tied) {
    tieWordEmbeddings = tied;
    return this;
  }

  /** Sets the type of matrices, as far as their rows are whole blocks of it; norms stay F32. */
  public TinyModel weights(DType newType, WeightEncoder newEncoder) {
    type = newType;
    encoder = newEncoder;
    return this;
  }

  /** Adds a layer for the token after next (multi-token prediction) as the last block. */
  public TinyModel nextn() {
    nextn = true;
    return this;
  }

  /** Makes queries go through a narrow product of this rank; deepseek2 only. */
  TinyModel qLoraRank(int rank) {
    qLoraRank = rank;
    return this;
  }

  /**
   * Makes the random weights say whole words only: the first number of the residual stream is held
   * at a constant, so that the first column of the output matrix is a bias of each token.
   */
  TinyModel wordsOnly() {
    wordsOnly = true;
    return this;
  }

  /** Writes the model to a file. */
  public Path write(Path path) {
    writer().write(path);
    return path;
  }

  /** The file in memory. */
  public byte[] toBytes() {
    return writer().toBytes();
  }

  /** The model as a writer, to which a test may add what it likes. */
  public GgufWriter writer() {
    GgufWriter writer = new GgufWriter();
    writer.metadata("general.architecture", GgufValue.string(architecture));
    writer.metadata("general.name", GgufValue.string(name));
    writer.metadata("general.file_type", GgufValue.uint32(0));
    writer.metadata("general.quantization_version", GgufValue.uint32(2));
    hyperParameters(writer);
    vocabulary.writeTo(writer, !architecture.equals("qwen3moe"));
    if (!chatTemplate.isEmpty()) {
      writer.metadata("tokenizer.chat_template", GgufValue.string(chatTemplate));
    }
    listWeights();
    for (int i = 0; i < weights.size(); i++) {
      Weight weight = weights.get(i);
      byte[] bytes = encoder.encode(typeOf(weight), values(weight, i));
      writer.tensor(weight.name, typeOf(weight), weight.shape, MemorySegment.ofArray(bytes));
    }
    return writer;
  }

  private DType typeOf(Weight weight) {
    // The router stays F32, as llama-quantize leaves it.
    boolean narrow =
        weight.shape.rank() < 2
            || weight.shape.columns() % type.blockSize() != 0
            || weight.name.contains("ffn_gate_inp");
    return narrow ? DType.F32 : type;
  }

  private float[] values(Weight weight, int index) {
    Random random = new Random(seed * 1_000_003 + index);
    float[] values = new float[Math.toIntExact(weight.shape.elements())];
    for (int i = 0; i < values.length; i++) {
      values[i] = weight.middle + weight.spread * (float) random.nextGaussian();
    }
    if (wordsOnly) {
      holdFirst(weight, values);
    }
    return values;
  }

  private void holdFirst(Weight weight, float[] values) {
    int columns = (int) weight.shape.columns();
    boolean addsToStream = weight.name.contains("attn_output.") || weight.name.contains("ffn_down");
    for (int row = 0; row < values.length / columns; row++) {
      if (weight.name.equals("token_embd.weight")) {
        values[row * columns] = 4;
      } else if (weight.name.equals("output.weight")) {
        boolean ends = row == vocabulary.eosId();
        values[row * columns] = vocabulary.isWord(row) ? 2 : ends ? 2.2f : -20;
      } else if (addsToStream && row % hiddenSize == 0) {
        java.util.Arrays.fill(values, row * columns, (row + 1) * columns, 0);
      }
    }
  }

  private boolean isMla() {
    return architecture.equals("deepseek2");
  }

  private void hyperParameters(GgufWriter writer) {
    uint32(writer, "vocab_size", vocabulary.size());
    uint32(writer, "block_count", numHiddenLayers + (nextn ? 1 : 0));
    if (nextn) {
      uint32(writer, "nextn_predict_layers", 1);
    }
    uint32(writer, "context_length", maxPositionEmbeddings);
    uint32(writer, "embedding_length", hiddenSize);
    uint32(writer, "feed_forward_length", intermediateSize);
    uint32(writer, "attention.head_count", numAttentionHeads);
    float32(writer, "attention.layer_norm_rms_epsilon", 1e-6);
    float32(writer, "rope.freq_base", 10_000);
    if (isMla()) {
      mla(writer);
    } else {
      uint32(writer, "attention.head_count_kv", numKeyValueHeads);
      uint32(writer, "attention.key_length", headDim);
      uint32(writer, "attention.value_length", headDim);
      uint32(writer, "rope.dimension_count", headDim);
    }
    if (nRoutedExperts > 0) {
      uint32(writer, "expert_count", nRoutedExperts);
      uint32(writer, "expert_used_count", numExpertsPerTok);
      if (!architecture.equals("llama")) {
        uint32(writer, "expert_feed_forward_length", moeIntermediateSize);
      }
    }
  }

  private void mla(GgufWriter writer) {
    boolean v3 = qLoraRank > 0;
    if (v3) {
      uint32(writer, "attention.q_lora_rank", qLoraRank);
    }
    uint32(writer, "attention.kv_lora_rank", KV_LORA_RANK);
    uint32(writer, "rope.dimension_count", QK_ROPE_HEAD_DIM);
    uint32(writer, "attention.head_count_kv", 1);
    uint32(writer, "attention.key_length", KV_LORA_RANK + QK_ROPE_HEAD_DIM);
    uint32(writer, "attention.value_length", KV_LORA_RANK);
    uint32(writer, "attention.key_length_mla", QK_NOPE_HEAD_DIM + QK_ROPE_HEAD_DIM);
    uint32(writer, "attention.value_length_mla", V_HEAD_DIM);
    uint32(writer, "expert_shared_count", nSharedExperts);
    uint32(writer, "leading_dense_block_count", firstKDenseReplace);
    uint32(writer, "expert_gating_func", v3 ? 2 : 1);
    writer.metadata(architecture + ".expert_weights_norm", GgufValue.bool(v3));
    float32(writer, "expert_weights_scale", v3 ? 2.5 : 1);
    if (v3) {
      uint32(writer, "expert_group_count", nGroup);
      uint32(writer, "expert_group_used_count", topkGroup);
    }
    writer.metadata(architecture + ".rope.scaling.type", GgufValue.string("yarn"));
    float32(writer, "rope.scaling.factor", 40);
    uint32(writer, "rope.scaling.original_context_length", 64);
    float32(writer, "rope.scaling.yarn_log_multiplier", v3 ? 0.1 : 0.0707);
  }

  private void uint32(GgufWriter writer, String key, long value) {
    writer.metadata(architecture + "." + key, GgufValue.uint32(value));
  }

  private void float32(GgufWriter writer, String key, double value) {
    writer.metadata(architecture + "." + key, GgufValue.float32(value));
  }

  private void listWeights() {
    weights.clear();
    weights.add(new Weight("token_embd.weight", Shape.of(vocabulary.size(), hiddenSize), 1, 0));
    norm("output_norm.weight", hiddenSize);
    if (!tieWordEmbeddings) {
      matrix("output.weight", vocabulary.size(), hiddenSize);
    }
    for (int layer = 0; layer < numHiddenLayers + (nextn ? 1 : 0); layer++) {
      String block = "blk." + layer + ".";
      norm(block + "attn_norm.weight", hiddenSize);
      if (isMla()) {
        listMla(block);
      } else {
        listGqa(block);
      }
      norm(block + "ffn_norm.weight", hiddenSize);
      if (nRoutedExperts == 0 || layer < firstKDenseReplace) {
        matrix(block + "ffn_gate.weight", intermediateSize, hiddenSize);
        matrix(block + "ffn_up.weight", intermediateSize, hiddenSize);
        matrix(block + "ffn_down.weight", hiddenSize, intermediateSize);
      } else {
        listExperts(block);
      }
    }
    if (nextn) {
      String block = "blk." + numHiddenLayers + ".nextn.";
      norm(block + "enorm.weight", hiddenSize);
      norm(block + "hnorm.weight", hiddenSize);
      matrix(block + "eh_proj.weight", hiddenSize, 2L * hiddenSize);
      norm(block + "shared_head_norm.weight", hiddenSize);
    }
  }

  private void listGqa(String block) {
    matrix(block + "attn_q.weight", numAttentionHeads * headDim, hiddenSize);
    matrix(block + "attn_k.weight", numKeyValueHeads * headDim, hiddenSize);
    matrix(block + "attn_v.weight", numKeyValueHeads * headDim, hiddenSize);
    if (architecture.equals("qwen3moe")) {
      norm(block + "attn_q_norm.weight", headDim);
      norm(block + "attn_k_norm.weight", headDim);
    }
    matrix(block + "attn_output.weight", hiddenSize, numAttentionHeads * headDim);
  }

  private void listMla(String block) {
    int heads = numAttentionHeads;
    int queryWidth = heads * (QK_NOPE_HEAD_DIM + QK_ROPE_HEAD_DIM);
    if (qLoraRank > 0) {
      matrix(block + "attn_q_a.weight", qLoraRank, hiddenSize);
      norm(block + "attn_q_a_norm.weight", qLoraRank);
      matrix(block + "attn_q_b.weight", queryWidth, qLoraRank);
    } else {
      matrix(block + "attn_q.weight", queryWidth, hiddenSize);
    }
    matrix(block + "attn_kv_a_mqa.weight", KV_LORA_RANK + QK_ROPE_HEAD_DIM, hiddenSize);
    norm(block + "attn_kv_a_norm.weight", KV_LORA_RANK);
    matrix(block + "attn_k_b.weight", heads, KV_LORA_RANK, QK_NOPE_HEAD_DIM);
    matrix(block + "attn_v_b.weight", heads, V_HEAD_DIM, KV_LORA_RANK);
    matrix(block + "attn_output.weight", hiddenSize, heads * V_HEAD_DIM);
  }

  private void listExperts(String block) {
    // Mixtral's experts are as wide as the dense layers of its kind.
    int width = architecture.equals("llama") ? intermediateSize : moeIntermediateSize;
    matrix(block + "ffn_gate_inp.weight", nRoutedExperts, hiddenSize);
    if (qLoraRank > 0) {
      weights.add(new Weight(block + "exp_probs_b.bias", Shape.of(nRoutedExperts), 0.1f, 0));
    }
    matrix(block + "ffn_gate_exps.weight", nRoutedExperts, width, hiddenSize);
    matrix(block + "ffn_up_exps.weight", nRoutedExperts, width, hiddenSize);
    matrix(block + "ffn_down_exps.weight", nRoutedExperts, hiddenSize, width);
    if (nSharedExperts > 0) {
      int sharedWidth = nSharedExperts * width;
      matrix(block + "ffn_gate_shexp.weight", sharedWidth, hiddenSize);
      matrix(block + "ffn_up_shexp.weight", sharedWidth, hiddenSize);
      matrix(block + "ffn_down_shexp.weight", hiddenSize, sharedWidth);
    }
  }

  private void norm(String tensor, int width) {
    weights.add(new Weight(tensor, Shape.of(width), 0.1f, 1));
  }

  private void matrix(String tensor, long... dims) {
    float spread = (float) (1 / Math.sqrt(dims[dims.length - 1]));
    weights.add(new Weight(tensor, Shape.of(dims), spread, 0));
  }
}
