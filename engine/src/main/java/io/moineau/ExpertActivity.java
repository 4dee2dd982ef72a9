package io.moineau;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * How many tokens each expert of a model was chosen for since the model was opened: those of
 * prompts and those that were generated, of all requests. What was computed counts: a token that
 * was found in the prefix cache does not, one that is computed again after a preemption or was
 * drafted in vain does. The layer for the token after next is left out.
 *
 * <p>For any thread, at any time, after the model was closed too. Figures of one moment may be of
 * different layers of one step.
 */
public final class ExpertActivity {
  private final int[] layers;
  private final int experts;
  private final AtomicLongArray tokens; // [layers, experts]

  /**
   * Over counters that somebody else writes.
   *
   * @param layers numbers of the layers that have experts, ascending
   * @param experts routed experts of each
   * @param tokens {@code [layers, experts]}
   */
  public ExpertActivity(int[] layers, int experts, AtomicLongArray tokens) {
    if (tokens.length() != layers.length * experts) {
      throw new IllegalArgumentException(
          "tokens must be [layers, experts]: tokens="
              + tokens.length()
              + " layers="
              + layers.length
              + " experts="
              + experts);
    }
    this.layers = layers.clone();
    this.experts = experts;
    this.tokens = tokens;
  }

  /** Numbers of the layers that have experts, as in the file's {@code blk.N}, ascending. */
  public int[] layers() {
    return layers.clone();
  }

  /** Routed experts of a layer. */
  public int experts() {
    return experts;
  }

  /**
   * Tokens that each expert of a layer was chosen for.
   *
   * @param layerIndex index in {@link #layers()}
   * @return {@code [experts]}, the caller's own
   */
  public long[] tokens(int layerIndex) {
    long[] copy = new long[experts];
    copyTokens(layerIndex, copy, 0);
    return copy;
  }

  /**
   * {@link #tokens(int)} without a new array.
   *
   * @param target takes {@code experts} figures from {@code offset} on
   */
  public void copyTokens(int layerIndex, long[] target, int offset) {
    for (int e = 0; e < experts; e++) {
      target[offset + e] = tokens.getOpaque(layerIndex * experts + e);
    }
  }
}
