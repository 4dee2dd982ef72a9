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
 * Llama 1 to 3, Mistral, and Mixtral where the file has experts.
 *
 * <p>What is special here:
 *
 * <ul>
 *   <li>rotary embedding on neighbouring pairs, over the whole head
 *   <li>{@code rope_freqs.weight} divides the frequencies (Llama 3.1)
 *   <li>no {@code output.weight}: the embedding is used (Llama 3.2)
 *   <li>experts (Mixtral, arXiv 2401.04088): softmax, weights made to sum to 1
 * </ul>
 */
public final class Llama implements Architecture {
  @Override
  public String name() {
    return "llama";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, false);
    if (config.rope().dim() != config.headDim()) {
      throw keys.bad(
          "rope.dimension_count", "" + config.rope().dim(), "the head size " + config.headDim());
    }
    if (keys.integer("expert_count", 0, 0) == 0) {
      return config;
    }
    return DecoderConfig.withExperts(
        config, keys, config.intermediateSize(), 0, Scoring.SOFTMAX, true, 1);
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.NONE, "ffn_norm");
  }
}
