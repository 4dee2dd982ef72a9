package io.moineau.model;

/** Is told which experts the tokens of a batch chose. */
@FunctionalInterface
public interface ExpertListener {
  /**
   * Called once per layer with experts, before they run. The arrays are only valid during the call.
   *
   * @param experts {@code [numTokens, perToken]}, most likely first
   * @param weights {@code [numTokens, perToken]}
   */
  void routed(int layer, int numTokens, int perToken, int[] experts, float[] weights);
}
