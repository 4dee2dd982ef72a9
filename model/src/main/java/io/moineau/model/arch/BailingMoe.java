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
 * Bailing MoE (Ling, arXiv 2503.05139).
 *
 * <p>What is special here: shared experts; rotary embedding on neighbouring pairs; the head size is
 * that of the rotary embedding.
 */
public final class BailingMoe implements Architecture {
  @Override
  public String name() {
    return "bailingmoe";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, false);
    int width = keys.integer("expert_feed_forward_length", 1);
    return DecoderConfig.withAllExperts(
        DecoderConfig.withExperts(
            config,
            keys,
            width,
            Math.multiplyExact(width, keys.integer("expert_shared_count", 0)),
            Scoring.SOFTMAX,
            keys.flag("expert_weights_norm", false),
            keys.number("expert_weights_scale", 0)));
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.NONE, "ffn_norm");
  }
}
