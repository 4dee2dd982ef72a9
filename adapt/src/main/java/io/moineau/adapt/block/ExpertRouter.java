package io.moineau.adapt.block;

import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;

/**
 * Chooses experts from the router's logits, as {@code engine} does, and has the gradient of the
 * weights of those chosen.
 *
 * <p>Softmax over all experts or a sigmoid of each; the best by score plus a bias that only selects
 * (DeepSeek-V3, arXiv 2412.19437, section 2.1.2); weights made to sum to 1 where the model says so,
 * and scaled. The choice itself has no gradient.
 */
final class ExpertRouter {
  private final MoeConfig config;

  ExpertRouter(MoeConfig config) {
    this.config = config;
  }

  /**
   * Chooses for one token.
   *
   * @param scores the logits at {@code at}, overwritten with the scores
   * @param bias added for the choice, from {@code biasAt}
   * @param experts filled from {@code chosenAt}
   * @param weights filled from {@code chosenAt}
   */
  void choose(
      float[] scores,
      int at,
      float[] bias,
      int biasAt,
      int[] experts,
      float[] weights,
      int chosenAt) {
    int count = config.nRoutedExperts();
    int used = config.numExpertsPerTok();
    if (config.scoring() == Scoring.SIGMOID) {
      for (int e = at; e < at + count; e++) {
        scores[e] = (float) (1 / (1 + Math.exp(-scores[e])));
      }
    } else {
      float max = Workers.LOOPS.max(scores, at, count);
      float sum = Workers.LOOPS.expSum(scores, at, count, 1, max);
      Workers.LOOPS.scale(1 / sum, scores, at, scores, at, count);
    }
    float sum = 0;
    for (int i = 0; i < used; i++) {
      int best = -1;
      for (int e = 0; e < count; e++) {
        if (!isTaken(experts, chosenAt, i, e)
            && (best < 0
                || scores[at + e] + bias[biasAt + e] > scores[at + best] + bias[biasAt + best])) {
          best = e;
        }
      }
      experts[chosenAt + i] = best;
      weights[chosenAt + i] = scores[at + best];
      sum += scores[at + best];
    }
    float factor = config.routedScalingFactor() / (config.normTopkProb() ? sum : 1);
    for (int i = 0; i < used; i++) {
      weights[chosenAt + i] *= factor;
    }
  }

  private static boolean isTaken(int[] experts, int from, int count, int expert) {
    for (int i = from; i < from + count; i++) {
      if (experts[i] == expert) {
        return true;
      }
    }
    return false;
  }

  /**
   * The gradient of a token's logits.
   *
   * @param scores as {@link #choose} left them
   * @param dWeights gradients of the token's weights, from {@code chosenAt}; overwritten
   * @param dLogits filled from {@code at}
   */
  void gradient(
      float[] scores, int at, int[] experts, float[] dWeights, int chosenAt, float[] dLogits) {
    int count = config.nRoutedExperts();
    int used = config.numExpertsPerTok();
    float sum = 0;
    float along = 0;
    for (int i = chosenAt; i < chosenAt + used; i++) {
      float score = scores[at + experts[i]];
      sum += score;
      along += dWeights[i] * score;
    }
    java.util.Arrays.fill(dLogits, at, at + count, 0);
    float mean = 0;
    for (int i = chosenAt; i < chosenAt + used; i++) {
      float d = config.normTopkProb() ? (dWeights[i] - along / sum) / sum : dWeights[i];
      d *= config.routedScalingFactor();
      dLogits[at + experts[i]] = d;
      mean += d * scores[at + experts[i]];
    }
    boolean sigmoid = config.scoring() == Scoring.SIGMOID;
    for (int e = at; e < at + count; e++) {
      float s = scores[e];
      dLogits[e] = sigmoid ? dLogits[e] * s * (1 - s) : (dLogits[e] - mean) * s;
    }
  }
}
