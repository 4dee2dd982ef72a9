package io.moineau.model.arch;

import io.moineau.model.Architecture;
import io.moineau.model.Decoder;
import io.moineau.model.DecoderConfig;
import io.moineau.model.HyperParameters;
import io.moineau.model.Layer;
import io.moineau.model.MlaAttention;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.model.RopeConfig;
import io.moineau.model.TensorBinder;
import java.util.ArrayList;
import java.util.List;

/**
 * DeepSeek V2, V2-Lite, V3 and R1, and Kimi K2 (arXiv 2405.04434, 2412.19437, 2507.20534).
 *
 * <p>What is special here:
 *
 * <ul>
 *   <li>multi-head latent attention: see {@link io.moineau.model.MlaAttention}
 *   <li>queries are compressed too, but for the Lite variants
 *   <li>old files have one {@code attn_kv_b} where new ones have {@code attn_k_b} and {@code
 *       attn_v_b}
 *   <li>softmax (V2) or sigmoid (V3) scores, a bias that only selects, groups of experts, shared
 *       experts, dense layers at the start
 *   <li>a file without experts has dense layers only
 *   <li>YaRN stretches the rotary part, and {@code yarn_log_multiplier} the attention's scale
 * </ul>
 */
public final class Deepseek2 implements Architecture {
  @Override
  public String name() {
    return "deepseek2";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, false);
    int ropeDim = config.rope().dim();
    int headDim = keys.integer("attention.key_length_mla", 1, config.headDim());
    int valueDim = keys.integer("attention.value_length_mla", 1, config.valueHeadDim());
    if (headDim <= ropeDim) {
      throw keys.bad("attention.key_length_mla", "" + headDim, "more than " + ropeDim);
    }
    MlaConfig mla =
        new MlaConfig(
            // The tensors tell whether queries are compressed: a Lite file may carry the key all
            // the same.
            keys.file().find("blk.0.attn_q_a.weight").isPresent()
                ? keys.integer("attention.q_lora_rank", 1)
                : 0,
            keys.integer("attention.kv_lora_rank", 1),
            headDim - ropeDim,
            ropeDim,
            valueDim);
    config = config.withMla(mla, rope(keys, config.rope()));
    if (keys.integer("expert_count", 0, 0) > 0) {
      config = withExperts(config, keys);
    }
    return config.withAttentionScale(attentionScale(keys, config));
  }

  private static ModelConfig withExperts(ModelConfig config, HyperParameters keys) {
    int width = keys.integer("expert_feed_forward_length", 1);
    return DecoderConfig.withExperts(
        config,
        keys,
        width,
        Math.multiplyExact(width, keys.integer("expert_shared_count", 0)),
        DecoderConfig.scoring(keys, Scoring.SOFTMAX),
        keys.flag("expert_weights_norm", false),
        keys.number("expert_weights_scale", 0));
  }

  /** {@code yarn_log_multiplier}; files hold a tenth of the value that the formula takes. */
  private static float logMultiplier(HyperParameters keys) {
    return keys.number("rope.scaling.yarn_log_multiplier", 0) / 0.1f;
  }

  /**
   * YaRN's own factor on cosine and sine is taken back where the file has a log multiplier: the
   * attention's scale carries it then (llama.cpp pull request 17945).
   */
  private static RopeConfig rope(HyperParameters keys, RopeConfig rope) {
    if (!rope.yarn() || logMultiplier(keys) == 0) {
      return rope;
    }
    double factor = 1.0 / rope.frequencyScale();
    return rope.withAttentionFactor(
        (float) (rope.attentionFactor() / (1 + 0.1 * Math.log(factor))));
  }

  private static float attentionScale(HyperParameters keys, ModelConfig config) {
    RopeConfig rope = config.rope();
    double log = Math.log(1.0 / rope.frequencyScale());
    double original =
        rope.yarn()
            ? yarnFactor(keys, log) * keys.number("rope.scaling.attn_factor", 1)
            : (1 + 0.1 * log) * keys.number("rope.scaling.attn_factor", 1);
    double mscale = original * (1 + 0.1 * logMultiplier(keys) * log);
    return (float) (mscale * mscale / Math.sqrt(config.headDim()));
  }

  /** What llama.cpp's attention factor comes to before it is divided by 1 + 0.1 log(factor). */
  private static double yarnFactor(HyperParameters keys, double log) {
    return logMultiplier(keys) == 0 ? 1 + 0.1 * log : 1;
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(layer(config, tensors, i));
    }
    return layers;
  }

  private static Layer layer(ModelConfig config, TensorBinder tensors, int index) {
    return new Layer(
        tensors.vector("blk." + index + ".attn_norm.weight", config.hiddenSize()),
        MlaAttention.bind(config, tensors, index),
        tensors.vector("blk." + index + ".ffn_norm.weight", config.hiddenSize()),
        Decoder.feedForward(config, tensors, index));
  }

  @Override
  public boolean hasNextn() {
    return true;
  }

  @Override
  public Layer nextnLayer(ModelConfig config, TensorBinder tensors, int index) {
    return layer(config, tensors, index);
  }
}
