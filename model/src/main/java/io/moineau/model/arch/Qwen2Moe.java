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
 * Qwen 1.5 and 2 with experts (arXiv 2407.10671, section 2.2.2).
 *
 * <p>What is special here: biases on queries, keys and values; a shared expert behind a sigmoid
 * gate of its own; the chosen weights are not made to sum to 1.
 */
public final class Qwen2Moe implements Architecture {
  @Override
  public String name() {
    return "qwen2moe";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, true);
    int used = keys.integer("expert_used_count", 1);
    int width = keys.integer("expert_feed_forward_length", 1, config.intermediateSize() / used);
    int shared = keys.integer("expert_shared_feed_forward_length", 1, config.intermediateSize());
    return DecoderConfig.withExperts(config, keys, width, shared, Scoring.SOFTMAX, false, 1);
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.NONE, "ffn_norm");
  }
}
