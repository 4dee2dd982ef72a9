package io.moineau.adapt;

import io.moineau.adapt.block.Parameter;
import io.moineau.adapt.block.TrainableModel;
import io.moineau.format.GgufMetadata;
import io.moineau.format.GgufValue;
import io.moineau.format.GgufWriter;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;
import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import java.lang.foreign.MemorySegment;

/**
 * A trained model as a GGUF file of F32, with the keys and tensors that llama.cpp has for its
 * architecture.
 */
public final class GgufExport {
  private final TrainableModel model;
  private final ModelConfig config;
  private final boolean nextn;
  private final GgufWriter writer = new GgufWriter();

  private GgufExport(TrainableModel model, boolean nextn) {
    this.model = model;
    this.config = model.config();
    this.nextn = nextn;
  }

  /**
   * A writer of the whole file, without the layer of multi-token prediction; it reads the model's
   * weights when it writes.
   *
   * @param vocabulary of which the keys of {@code tokenizer} are taken
   * @param name for {@code general.name}
   */
  public static GgufWriter writer(TrainableModel model, GgufMetadata vocabulary, String name) {
    return writer(model, vocabulary, name, false);
  }

  /**
   * The same.
   *
   * @param nextn whether to write the layer of multi-token prediction, if the model has one: as the
   *     last block, counted by {@code block_count} and {@code nextn_predict_layers}
   */
  public static GgufWriter writer(
      TrainableModel model, GgufMetadata vocabulary, String name, boolean nextn) {
    GgufExport export = new GgufExport(model, nextn && model.nextn());
    export.writer.metadata("general.architecture", GgufValue.string(model.config().architecture()));
    export.writer.metadata("general.name", GgufValue.string(name));
    export.writer.metadata("general.file_type", GgufValue.uint32(0));
    export.hyperParameters();
    for (String key : vocabulary.keys()) {
      if (key.startsWith("tokenizer.")) {
        vocabulary.findValue(key).ifPresent(value -> export.writer.metadata(key, value));
      }
    }
    export.tensors();
    return export.writer;
  }

  private void hyperParameters() {
    uint32("vocab_size", config.vocabSize());
    uint32("block_count", config.numHiddenLayers() + (nextn ? 1 : 0));
    if (nextn) {
      uint32("nextn_predict_layers", 1);
    }
    uint32("context_length", config.contextLength());
    uint32("embedding_length", config.hiddenSize());
    uint32("feed_forward_length", config.intermediateSize());
    uint32("attention.head_count", config.numAttentionHeads());
    float32("attention.layer_norm_rms_epsilon", config.rmsNormEps());
    float32("rope.freq_base", config.rope().theta());
    uint32("rope.dimension_count", config.rope().dim());
    if (config.mla().isPresent()) {
      MlaConfig mla = config.mla().get();
      if (mla.qLoraRank() > 0) {
        uint32("attention.q_lora_rank", mla.qLoraRank());
      }
      uint32("attention.kv_lora_rank", mla.kvLoraRank());
      uint32("attention.head_count_kv", 1);
      uint32("attention.key_length", mla.kvLoraRank() + mla.qkRopeHeadDim());
      uint32("attention.value_length", mla.kvLoraRank());
      uint32("attention.key_length_mla", mla.qkNopeHeadDim() + mla.qkRopeHeadDim());
      uint32("attention.value_length_mla", mla.vHeadDim());
    } else {
      uint32("attention.head_count_kv", config.numKeyValueHeads());
      uint32("attention.key_length", config.headDim());
      uint32("attention.value_length", config.valueHeadDim());
    }
    if (config.moe().isPresent()) {
      experts(config.moe().get());
    } else if (config.mla().isPresent()) {
      // llama.cpp wants to read these of deepseek2, experts or none.
      uint32("leading_dense_block_count", config.numHiddenLayers() + (nextn ? 1 : 0));
      uint32("expert_count", 0);
      uint32("expert_used_count", 0);
      uint32("expert_shared_count", 0);
      uint32("expert_feed_forward_length", 0);
    }
  }

  private void experts(MoeConfig moe) {
    uint32("expert_count", moe.nRoutedExperts());
    uint32("expert_used_count", moe.numExpertsPerTok());
    uint32("expert_feed_forward_length", moe.moeIntermediateSize());
    if (config.architecture().equals("qwen3moe")) {
      return;
    }
    uint32("expert_shared_count", moe.sharedIntermediateSize() / moe.moeIntermediateSize());
    uint32("leading_dense_block_count", moe.firstKDenseReplace());
    uint32("expert_gating_func", moe.scoring() == Scoring.SIGMOID ? 2 : 1);
    writer.metadata(
        config.architecture() + ".expert_weights_norm", GgufValue.bool(moe.normTopkProb()));
    float32("expert_weights_scale", moe.routedScalingFactor());
  }

  private void uint32(String key, long value) {
    writer.metadata(config.architecture() + "." + key, GgufValue.uint32(value));
  }

  private void float32(String key, double value) {
    writer.metadata(config.architecture() + "." + key, GgufValue.float32(value));
  }

  private void tensors() {
    boolean biased = config.moe().map(moe -> moe.scoring() == Scoring.SIGMOID).orElse(false);
    String nextnPrefix = "blk." + config.numHiddenLayers() + ".";
    for (Parameter parameter : model.parameters().list()) {
      if (!nextn && parameter.name().startsWith(nextnPrefix)) {
        continue;
      }
      if (parameter.kind() == Parameter.Kind.BALANCE && !biased) {
        continue;
      }
      boolean transposed = parameter.name().endsWith("attn_k_b.weight");
      long[] dims = parameter.dims().stream().mapToLong(Integer::longValue).toArray();
      if (transposed) {
        dims = new long[] {dims[0], dims[2], dims[1]};
      }
      writer.tensor(
          parameter.name(),
          DType.F32,
          Shape.of(dims),
          sink -> sink.write(transposed ? transposed(parameter) : bytes(parameter)));
      if (parameter.kind() == Parameter.Kind.TABLE && needsOutput()) {
        writer.tensor(
            "output.weight", DType.F32, Shape.of(dims), sink -> sink.write(bytes(parameter)));
      }
    }
  }

  /**
   * llama.cpp takes the embedding where there is no output matrix, but not for this architecture.
   */
  private boolean needsOutput() {
    return model.tied() && config.architecture().equals("dots1");
  }

  private MemorySegment bytes(Parameter parameter) {
    return MemorySegment.ofArray(model.parameters().values())
        .asSlice(4L * parameter.offset(), 4L * parameter.size());
  }

  /** Each head's matrix turned: the engine multiplies it into the query. */
  private MemorySegment transposed(Parameter parameter) {
    int heads = parameter.dims().get(0);
    int rows = parameter.dims().get(1);
    int columns = parameter.dims().get(2);
    float[] from = model.parameters().values();
    float[] to = new float[parameter.size()];
    for (int h = 0; h < heads; h++) {
      int at = h * rows * columns;
      for (int r = 0; r < rows; r++) {
        for (int c = 0; c < columns; c++) {
          to[at + c * rows + r] = from[parameter.offset() + at + r * columns + c];
        }
      }
    }
    return MemorySegment.ofArray(to);
  }
}
