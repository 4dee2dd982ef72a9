package io.moineau.adapt.lora;

import io.moineau.adapt.AdaptException;
import java.util.EnumSet;
import java.util.Set;

/**
 * What low-rank changes (LoRA, arXiv 2106.09685) a model gets.
 *
 * @param rank columns of B, rows of A
 * @param alpha what is added is {@code alpha / rank * B A}
 * @param parts the weights that are changed
 * @param seed of the first values of A; B begins as zeros, so that nothing is changed at first
 */
public record LoraSettings(int rank, float alpha, Set<Part> parts, long seed) {
  /** Kinds of weights. The router, the embedding and the output matrix are never changed. */
  public enum Part {
    /** Projections of attention; of latent attention all but those out of the compressed vector. */
    ATTENTION,
    /** The feed-forward part of layers without experts. */
    DENSE_FFN,
    /** The experts that every token uses. */
    SHARED_EXPERTS,
    /** The experts that a router chooses: each has matrices of its own. */
    ROUTED_EXPERTS
  }

  /**
   * Checks the values.
   *
   * @throws AdaptException {@code finetune-bad-settings} if the rank is below 1, alpha is no
   *     positive number, or no part is named
   */
  public LoraSettings {
    if (rank < 1 || rank > 4096) {
      throw bad("rank=" + rank, "1 to 4096; 8 to 64 are usual");
    }
    if (!(alpha > 0) || Float.isInfinite(alpha)) {
      throw bad("alpha=" + alpha, "a positive number; twice the rank is usual");
    }
    if (parts.isEmpty()) {
      throw bad("parts=" + parts, "at least one of " + EnumSet.allOf(Part.class));
    }
    parts = Set.copyOf(parts);
  }

  /** The factor on {@code B A}. */
  public float scale() {
    return alpha / rank;
  }

  private static AdaptException bad(String where, String allowed) {
    return new AdaptException(
        "finetune-bad-settings",
        "low-rank changes cannot be made with these settings",
        where,
        allowed,
        "choose another value");
  }
}
