package io.moineau.model.arch;

import io.moineau.model.Architecture;
import io.moineau.model.Decoder;
import io.moineau.model.DecoderConfig;
import io.moineau.model.GqaAttention.QkNorm;
import io.moineau.model.HyperParameters;
import io.moineau.model.Layer;
import io.moineau.model.ModelConfig;
import io.moineau.model.TensorBinder;
import java.util.List;

/**
 * Qwen 2 and 2.5 (arXiv 2407.10671).
 *
 * <p>What is special here: biases on queries, keys and values; rotary embedding on halves.
 */
public final class Qwen2 implements Architecture {
  @Override
  public String name() {
    return "qwen2";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    return DecoderConfig.read(keys, true);
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.NONE, "ffn_norm");
  }
}
