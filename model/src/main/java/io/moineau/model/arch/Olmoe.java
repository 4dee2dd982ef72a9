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
 * OLMoE (arXiv 2409.02060).
 *
 * <p>What is special here: queries and keys are normed over the full width, all heads as one
 * vector; the chosen weights are not made to sum to 1.
 */
public final class Olmoe implements Architecture {
  @Override
  public String name() {
    return "olmoe";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, true);
    // Published files give the width of an expert as that of the feed-forward layer.
    int width = config.intermediateSize();
    return DecoderConfig.withExperts(config, keys, width, 0, Scoring.SOFTMAX, false, 1);
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.FULL_WIDTH, "ffn_norm");
  }
}
