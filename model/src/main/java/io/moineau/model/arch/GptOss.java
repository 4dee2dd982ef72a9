package io.moineau.model.arch;

import io.moineau.model.Architecture;
import io.moineau.model.DecoderConfig;
import io.moineau.model.GqaAttention;
import io.moineau.model.GqaAttention.QkNorm;
import io.moineau.model.HyperParameters;
import io.moineau.model.Layer;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.model.MoeFfn;
import io.moineau.model.TensorBinder;
import java.util.ArrayList;
import java.util.List;

/**
 * gpt-oss (model card, August 2025).
 *
 * <p>What is special here:
 *
 * <ul>
 *   <li>a sink per head takes part in the softmax and has no value
 *   <li>every second layer, from the first, sees a window of positions only
 *   <li>biases on every projection, the experts' and the router's included
 *   <li>softmax over the chosen experts only; SwiGLU clamped at 7 with factor 1.702
 *   <li>{@code post_attention_norm} is the norm before the feed-forward part
 * </ul>
 */
public final class GptOss implements Architecture {
  @Override
  public String name() {
    return "gpt-oss";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, true);
    int width = keys.integer("expert_feed_forward_length", 1);
    config = DecoderConfig.withExperts(config, keys, width, 0, Scoring.SOFTMAX_CHOSEN, false, 1);
    return config.withSlidingWindow(keys.integer("attention.sliding_window", 1));
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      String prefix = "blk." + i + ".";
      int window = i % 2 == 0 ? config.slidingWindow() : 0;
      layers.add(
          new Layer(
              tensors.vector(prefix + "attn_norm.weight", config.hiddenSize()),
              GqaAttention.bind(config, tensors, i, QkNorm.NONE, window),
              tensors.vector(prefix + "post_attention_norm.weight", config.hiddenSize()),
              MoeFfn.bindClamped(config, tensors, i)));
    }
    return layers;
  }
}
