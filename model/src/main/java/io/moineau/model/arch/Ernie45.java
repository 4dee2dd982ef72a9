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
 * ERNIE 4.5, dense.
 *
 * <p>What is special here: nothing; rotary embedding on neighbouring pairs.
 */
public final class Ernie45 implements Architecture {
  @Override
  public String name() {
    return "ernie4_5";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    return DecoderConfig.read(keys, false);
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.NONE, "ffn_norm");
  }
}
