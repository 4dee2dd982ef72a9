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
 * MiniMax M2.
 *
 * <p>What is special here: queries and keys are normed over the full width; rotary embedding on
 * part of the head; sigmoid scores with a bias that only selects, weights made to sum to 1.
 */
public final class MinimaxM2 implements Architecture {
  @Override
  public String name() {
    return "minimax-m2";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, true);
    return DecoderConfig.withExperts(
        config,
        keys,
        // The tensors are as wide as feed_forward_length says.
        config.intermediateSize(),
        0,
        DecoderConfig.scoring(keys, Scoring.SIGMOID),
        true,
        1);
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.FULL_WIDTH, "ffn_norm");
  }
}
