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
 * Qwen 3 (arXiv 2505.09388).
 *
 * <p>What is special here: queries and keys are normed per head; the head size is not hidden size
 * over heads.
 */
public final class Qwen3 implements Architecture {
  @Override
  public String name() {
    return "qwen3";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    return DecoderConfig.read(keys, true);
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
