package io.moineau.adapt.lora;

import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;
import io.moineau.model.Router;

/**
 * The engine's router, and the gradient that flows through the weights of the chosen experts to the
 * router's logits. The choice itself has none.
 */
final class FrozenRouter {
  private final MoeConfig config;
  private final Router router;

  /** {@code bias} takes part in the choice only; empty for none. */
  FrozenRouter(MoeConfig config, float[] bias) {
    this.config = config;
    router = new Router(config, bias);
  }

  /**
   * Chooses for tokens {@code from} to {@code to - 1}.
   *
   * @param scores {@code [n, experts]}: logits, which become scores
   * @param chosen {@code [n, used]}, filled
   * @param weights {@code [n, used]}, filled
   */
  void choose(int from, int to, float[] scores, int[] chosen, float[] weights) {
    int count = config.nRoutedExperts();
    float[] logits = new float[count];
    float[] selection = new float[count];
    for (int t = from; t < to; t++) {
      System.arraycopy(scores, t * count, logits, 0, count);
      router.route(logits, selection, chosen, weights, t * config.numExpertsPerTok());
      System.arraycopy(logits, 0, scores, t * count, count);
    }
  }

  /**
   * The gradient of a token's logits.
   *
   * @param at where the token's scores begin, as {@link #choose} left them
   * @param first where its choices begin
   * @param dLogits filled from {@code at}
   */
  void gradient(
      float[] scores,
      int at,
      int[] chosen,
      float[] weights,
      float[] dWeights,
      int first,
      float[] dLogits) {
    int count = config.nRoutedExperts();
    int last = first + config.numExpertsPerTok();
    java.util.Arrays.fill(dLogits, at, at + count, 0);
    if (config.scoring() == Scoring.SOFTMAX_CHOSEN) {
      float mean = 0;
      for (int i = first; i < last; i++) {
        mean += weights[i] * dWeights[i];
      }
      mean /= config.routedScalingFactor();
      for (int i = first; i < last; i++) {
        dLogits[at + chosen[i]] = weights[i] * (dWeights[i] - mean);
      }
      return;
    }
    toScores(scores, at, chosen, dWeights, first, last, dLogits);
    float mean = 0;
    for (int i = first; i < last; i++) {
      mean += dLogits[at + chosen[i]] * scores[at + chosen[i]];
    }
    boolean sigmoid = config.scoring() == Scoring.SIGMOID;
    for (int e = at; e < at + count; e++) {
      float s = scores[e];
      dLogits[e] = sigmoid ? dLogits[e] * s * (1 - s) : (dLogits[e] - mean) * s;
    }
  }

  /** Undoes scaling and normalising. */
  private void toScores(
      float[] scores, int at, int[] chosen, float[] dWeights, int first, int last, float[] d) {
    float sum = 0;
    float along = 0;
    for (int i = first; i < last; i++) {
      float score = scores[at + chosen[i]];
      sum += score;
      along += dWeights[i] * score;
    }
    float factor = config.routedScalingFactor();
    float shift = 0;
    if (config.normTopkProb()) {
      // Below the least sum the divisor is a constant.
      shift = sum > Router.LEAST_SUM ? along / sum : 0;
      factor /= Math.max(sum, Router.LEAST_SUM);
    }
    for (int i = first; i < last; i++) {
      d[at + chosen[i]] = factor * (dWeights[i] - shift);
    }
  }
}
