package io.moineau.adapt.lora;

import io.moineau.adapt.AdaptException;
import io.moineau.format.GgufFile;
import io.moineau.model.GqaAttention.QkNorm;
import java.util.Map;
import java.util.TreeMap;

/**
 * What differs between architectures and stands neither in their hyper-parameters nor in the names
 * of their tensors. {@code model.arch} says the same to the engine; a test compares the logits of
 * both for each.
 *
 * @param qkNorm norm of queries and keys, where the file has one
 * @param ffnNorm tensor of the norm before the feed-forward part
 * @param unit of routed experts
 */
record Variant(QkNorm qkNorm, String ffnNorm, GatedUnit unit) {
  private static final String FFN_NORM = "ffn_norm";
  private static final String POST_NORM = "post_attention_norm";

  private static final Map<String, Variant> BY_NAME =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("bailingmoe", plain(QkNorm.NONE)),
              Map.entry("deepseek2", plain(QkNorm.NONE)),
              Map.entry("dots1", plain(QkNorm.PER_HEAD)),
              Map.entry("ernie4_5", plain(QkNorm.NONE)),
              Map.entry("ernie4_5-moe", plain(QkNorm.NONE)),
              Map.entry("glm4moe", new Variant(QkNorm.PER_HEAD, POST_NORM, GatedUnit.SWIGLU)),
              Map.entry("gpt-oss", new Variant(QkNorm.NONE, POST_NORM, GatedUnit.CLAMPED_SWIGLU)),
              Map.entry("hunyuan-moe", plain(QkNorm.PER_HEAD_AFTER_ROPE)),
              Map.entry("llama", plain(QkNorm.NONE)),
              Map.entry("minimax-m2", plain(QkNorm.FULL_WIDTH)),
              Map.entry("olmoe", plain(QkNorm.FULL_WIDTH)),
              Map.entry("qwen2", plain(QkNorm.NONE)),
              Map.entry("qwen2moe", plain(QkNorm.NONE)),
              Map.entry("qwen3", plain(QkNorm.PER_HEAD)),
              Map.entry("qwen3moe", plain(QkNorm.PER_HEAD))));

  private static Variant plain(QkNorm norm) {
    return new Variant(norm, FFN_NORM, GatedUnit.SWIGLU);
  }

  /**
   * That of an architecture.
   *
   * @throws AdaptException {@code finetune-unknown-architecture} if there are no gradients for it
   */
  static Variant of(String architecture, GgufFile file) {
    Variant variant = BY_NAME.get(architecture);
    if (variant == null) {
      throw new AdaptException(
          "finetune-unknown-architecture",
          "a model of this architecture cannot be fine-tuned",
          "general.architecture=" + architecture + " in " + file.path(),
          String.join(", ", BY_NAME.keySet()),
          "use a model of one of these");
    }
    return variant;
  }

  /** Positions that a layer sees: gpt-oss, alone in having a window, has it every second layer. */
  static int window(int layer, int slidingWindow) {
    return layer % 2 == 0 ? slidingWindow : 0;
  }
}
