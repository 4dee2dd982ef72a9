package io.moineau;

/**
 * Is told which experts were chosen, layer by layer, while a model runs. Called on the engine's
 * thread; the arrays are reused after the call.
 */
@FunctionalInterface
public interface ExpertUsageListener {
  /**
   * The router of a layer has chosen.
   *
   * @param layer layer of the model, from 0
   * @param numTokens tokens in the batch
   * @param experts experts chosen, {@code [numTokens, numExpertsPerTok]}
   * @param weights their weights, {@code [numTokens, numExpertsPerTok]}
   */
  void routed(int layer, int numTokens, int[] experts, float[] weights);
}
