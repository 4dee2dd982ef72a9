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
 * GLM 4.5 (arXiv 2508.06471).
 *
 * <p>What is special here:
 *
 * <ul>
 *   <li>rotary embedding on part of the head
 *   <li>{@code post_attention_norm} is the norm before the feed-forward part
 *   <li>norms of queries and keys in the large model, none in Air
 *   <li>sigmoid scores with a bias that only selects; shared experts; dense layers at the start
 *   <li>a layer for multi-token prediction at the end, which drafts only
 * </ul>
 */
public final class Glm4Moe implements Architecture {
  @Override
  public String name() {
    return "glm4moe";
  }

  @Override
  public ModelConfig config(HyperParameters keys) {
    ModelConfig config = DecoderConfig.read(keys, true);
    int used = keys.integer("expert_used_count", 1);
    int width = keys.integer("expert_feed_forward_length", 1, config.intermediateSize() / used);
    return DecoderConfig.withExperts(
        config,
        keys,
        width,
        Math.multiplyExact(width, keys.integer("expert_shared_count", 0)),
        DecoderConfig.scoring(keys, Scoring.SIGMOID),
        keys.flag("expert_weights_norm", false),
        keys.number("expert_weights_scale", 0));
  }

  @Override
  public List<Layer> layers(ModelConfig config, TensorBinder tensors) {
    return Decoder.layers(config, tensors, QkNorm.PER_HEAD, "post_attention_norm");
  }

  @Override
  public boolean hasNextn() {
    return true;
  }

  @Override
  public Layer nextnLayer(ModelConfig config, TensorBinder tensors, int index) {
    return Decoder.layer(config, tensors, QkNorm.PER_HEAD, "post_attention_norm", index);
  }
}
