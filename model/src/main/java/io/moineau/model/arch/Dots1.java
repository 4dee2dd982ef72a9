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
 * dots.llm1 (arXiv 2506.05767).
 *
 * <p>What is special here: as DeepSeek-V3 in its experts (sigmoid, a bias that only selects, shared
 * experts, dense layers at the start), with plain attention whose queries and keys are normed per
 * head.
 */
public final class Dots1 implements Architecture {
  @Override
  public String name() {
    return "dots1";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, true);
    int width = keys.integer("expert_feed_forward_length", 1);
    return DecoderConfig.withExperts(
        config,
        keys,
        width,
        Math.multiplyExact(width, keys.integer("expert_shared_count", 0)),
        DecoderConfig.scoring(keys, Scoring.SIGMOID),
        keys.flag("expert_weights_norm", false),
        keys.number("expert_weights_scale", 0));
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.PER_HEAD, "ffn_norm");
  }

  @Override
  public boolean hasNextn() {
    return true;
  }

  @Override
  public Layer nextnLayer(ModelConfig config, TensorBinder tensors, int index) {
    return Decoder.layer(config, tensors, QkNorm.PER_HEAD, "ffn_norm", index);
  }
}
