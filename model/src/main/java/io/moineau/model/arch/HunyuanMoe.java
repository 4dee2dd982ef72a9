package io.moineau.model.arch;

import io.moineau.model.Architecture;
import io.moineau.model.Decoder;
import io.moineau.model.DecoderConfig;
import io.moineau.model.GqaAttention.QkNorm;
import io.moineau.model.HyperParameters;
import io.moineau.model.Layer;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.model.TensorBinder;
import java.util.List;

/**
 * Hunyuan A13B (technical report, 2025).
 *
 * <p>What is special here: queries and keys are normed per head <em>after</em> the rotary
 * embedding; one shared expert.
 */
public final class HunyuanMoe implements Architecture {
  @Override
  public String name() {
    return "hunyuan-moe";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, true);
    int width = keys.integer("expert_feed_forward_length", 1);
    int shared = keys.integer("expert_shared_feed_forward_length", 0, 0);
    return DecoderConfig.withExperts(
        config,
        keys,
        width,
        shared > 0 ? shared : config.intermediateSize(),
        Scoring.SOFTMAX,
        true,
        1);
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.PER_HEAD_AFTER_ROPE, "ffn_norm");
  }
}
