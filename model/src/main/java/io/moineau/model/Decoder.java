package io.moineau.model;

import io.moineau.model.GqaAttention.QkNorm;
import java.util.ArrayList;
import java.util.List;

/** Layers of the common kind: grouped-query attention, then experts or a dense block. */
public final class Decoder {
  private Decoder() {}

  /**
   * Binds every layer.
   *
   * @param norm norm of queries and keys
   * @param ffnNormName tensor of the norm before the feed-forward part, {@code ffn_norm} in most
   */
  public static List<Layer> layers(
      ModelConfig config, TensorBinder tensors, QkNorm norm, String ffnNormName) {
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < config.numHiddenLayers(); i++) {
      layers.add(layer(config, tensors, norm, ffnNormName, i));
    }
    return layers;
  }

  /** Binds one of them. */
  public static Layer layer(
      ModelConfig config, TensorBinder tensors, QkNorm norm, String ffnNormName, int index) {
    String prefix = "blk." + index + ".";
    return new Layer(
        tensors.vector(prefix + "attn_norm.weight", config.hiddenSize()),
        GqaAttention.bind(config, tensors, index, norm),
        tensors.vector(prefix + ffnNormName + ".weight", config.hiddenSize()),
        feedForward(config, tensors, index));
  }

  /** Experts where the layer has them, else a dense block. */
  public static FeedForward feedForward(ModelConfig config, TensorBinder tensors, int layer) {
    if (config.moe().isPresent() && config.moe().get().isMoeLayer(layer)) {
      return MoeFfn.bind(config, tensors, layer);
    }
    return DenseFfn.bind(tensors, layer, "", config.hiddenSize(), config.intermediateSize());
  }
}
