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
 * ERNIE 4.5 with experts (ERNIE 4.5 technical report, 2025).
 *
 * <p>What is special here: softmax scores with a bias that only selects; shared experts; dense
 * layers at the start, and experts in every {@code interleave_moe_layer_step}-th layer after them.
 */
public final class Ernie45Moe implements Architecture {
  @Override
  public String name() {
    return "ernie4_5-moe";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, false);
    int width = keys.integer("expert_feed_forward_length", 1);
    int shared = keys.integer("expert_shared_feed_forward_length", 0, 0);
    config = DecoderConfig.withExperts(config, keys, width, shared, Scoring.SOFTMAX, true, 1);
    return DecoderConfig.withMoeLayerFreq(config, keys.integer("interleave_moe_layer_step", 1));
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.NONE, "ffn_norm");
  }
}
