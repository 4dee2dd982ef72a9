package io.moineau.model;

import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.tensor.TensorView;
import java.util.Optional;

/**
 * Reads the hyper-parameters that all decoders share, with llama.cpp's defaults for missing keys
 * ({@code llama_model_base::load_hparams}, v0.5.0).
 */
public final class DecoderConfig {
  private DecoderConfig() {}

  /** Everything but experts and MLA. */
  public static ModelConfig read(HyperParameters keys, boolean neox) {
    int hidden = keys.integer("embedding_length", 1);
    int heads = keys.integer("attention.head_count", 1);
    int kvHeads = keys.integer("attention.head_count_kv", 1, heads);
    if (heads % kvHeads != 0) {
      throw keys.bad("attention.head_count_kv", "" + kvHeads, "a divisor of head_count=" + heads);
    }
    int headDim = keys.integer("attention.key_length", 1, hidden / heads);
    int layers = keys.integer("block_count", 1) - keys.integer("nextn_predict_layers", 0, 0);
    if (layers < 1) {
      throw keys.bad("nextn_predict_layers", "" + layers, "fewer than block_count");
    }
    return new ModelConfig(
        keys.architecture(),
        vocabSize(keys),
        keys.integer("context_length", 1),
        hidden,
        layers,
        keys.integer("feed_forward_length", 0, 0),
        heads,
        kvHeads,
        headDim,
        keys.integer("attention.value_length", 1, hidden / heads),
        keys.number("attention.layer_norm_rms_epsilon"),
        (float) (1 / Math.sqrt(headDim)),
        0,
        rope(keys, keys.integer("rope.dimension_count", 2, headDim), headDim, neox),
        Optional.empty(),
        Optional.empty());
  }

  private static int vocabSize(HyperParameters keys) {
    TensorView embedding =
        keys.file()
            .find("token_embd.weight")
            .orElseThrow(() ->
                new ModelException(
                    "model-missing-tensor",
                    "a tensor is missing",
                    "tensor token_embd.weight in " + keys.file().path(),
                    "every tensor of the architecture",
                    "the file is incomplete; convert or fetch it again"));
    long rows = embedding.rows();
    if (rows < 1 || rows > 1 << 24) {
      throw keys.bad("vocab_size", "" + rows, "1 to " + (1 << 24));
    }
    return (int) rows;
  }

  /** Rotary embedding of {@code dim} elements of a head of {@code headDim}. */
  public static RopeConfig rope(HyperParameters keys, int dim, int headDim, boolean neox) {
    if (dim % 2 != 0 || dim > headDim) {
      throw keys.bad("rope.dimension_count", "" + dim, "even, at most " + headDim);
    }
    String type = keys.text("rope.scaling.type", "linear");
    boolean yarn = type.equals("yarn");
    if (!yarn && !type.equals("linear") && !type.equals("none")) {
      throw keys.bad("rope.scaling.type", type, "none, linear, yarn");
    }
    float factor = keys.number("rope.scaling.factor", keys.number("rope.scale_linear", 0));
    float scale = factor == 0 || type.equals("none") ? 1 : 1 / factor;
    float theta = keys.number("rope.freq_base", 10000);
    if (theta <= 1) {
      throw keys.bad("rope.freq_base", "" + theta, "more than 1");
    }
    int context = keys.integer("context_length", 1);
    return new RopeConfig(
        dim,
        theta,
        neox,
        scale,
        yarn,
        keys.integer("rope.scaling.original_context_length", 1, context),
        keys.number("rope.scaling.attn_factor", 1),
        32,
        1);
  }

  /** Adds experts; widths and scoring are the architecture's to say. */
  public static ModelConfig withExperts(
      ModelConfig config,
      HyperParameters keys,
      int expertWidth,
      int sharedWidth,
      Scoring scoring,
      boolean normalised,
      float scale) {
    int experts = keys.integer("expert_count", 1);
    int used = keys.integer("expert_used_count", 1);
    if (used > experts) {
      throw keys.bad("expert_used_count", "" + used, "1 to expert_count=" + experts);
    }
    int groups = keys.integer("expert_group_count", 0, 0);
    int groupsUsed = keys.integer("expert_group_used_count", 0, 0);
    if (groups > 1) {
      if (experts % groups != 0) {
        throw keys.bad("expert_group_count", "" + groups, "a divisor of " + experts);
      }
      if (groupsUsed < 1 || groupsUsed > groups || used > groupsUsed * (experts / groups)) {
        throw keys.bad(
            "expert_group_used_count",
            "" + groupsUsed,
            "1 to " + groups + ", with at least " + used + " experts in them");
      }
    }
    MoeConfig moe =
        new MoeConfig(
            experts,
            used,
            expertWidth,
            sharedWidth,
            keys.integer("leading_dense_block_count", 0, 0),
            1,
            scoring,
            normalised,
            scale == 0 ? 1 : scale,
            Math.max(1, groups),
            groupsUsed);
    return config.withMoe(moe);
  }

  /** The same with experts in every {@code freq}-th layer. */
  public static ModelConfig withMoeLayerFreq(ModelConfig config, int freq) {
    MoeConfig m = config.moe().orElseThrow();
    return config.withMoe(
        new MoeConfig(
            m.nRoutedExperts(),
            m.numExpertsPerTok(),
            m.moeIntermediateSize(),
            m.sharedIntermediateSize(),
            m.firstKDenseReplace(),
            freq,
            m.scoring(),
            m.normTopkProb(),
            m.routedScalingFactor(),
            m.nGroup(),
            m.topkGroup()));
  }

  /** The same with experts in every layer, whatever the file says of dense ones. */
  public static ModelConfig withAllExperts(ModelConfig config) {
    MoeConfig m = config.moe().orElseThrow();
    return config.withMoe(
        new MoeConfig(
            m.nRoutedExperts(),
            m.numExpertsPerTok(),
            m.moeIntermediateSize(),
            m.sharedIntermediateSize(),
            0,
            1,
            m.scoring(),
            m.normTopkProb(),
            m.routedScalingFactor(),
            m.nGroup(),
            m.topkGroup()));
  }

  /** The scoring of {@code expert_gating_func}, or {@code otherwise} where the key is missing. */
  public static Scoring scoring(HyperParameters keys, Scoring otherwise) {
    int number = keys.integer("expert_gating_func", 0, 0);
    return switch (number) {
      case 0 -> otherwise;
      case 1 -> Scoring.SOFTMAX;
      case 2 -> Scoring.SIGMOID;
      case 3 -> Scoring.SOFTMAX_CHOSEN;
      default -> throw keys.bad("expert_gating_func", "" + number, "1 softmax, 2 sigmoid, 3");
    };
  }
}
