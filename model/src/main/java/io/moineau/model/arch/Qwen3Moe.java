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
 * Qwen 3 with experts (arXiv 2505.09388).
 *
 * <p>What is special here: as {@link Qwen3}, with experts in every layer, no shared one, and
 * weights made to sum to 1.
 */
public final class Qwen3Moe implements Architecture {
  @Override
  public String name() {
    return "qwen3moe";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, true);
    int used = keys.integer("expert_used_count", 1);
    int width = keys.integer("expert_feed_forward_length", 1, config.intermediateSize() / used);
    return DecoderConfig.withExperts(config, keys, width, 0, Scoring.SOFTMAX, true, 1);
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
