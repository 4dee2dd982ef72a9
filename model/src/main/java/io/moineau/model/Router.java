package io.moineau.model;

import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;

/**
 * Chooses the experts of a token from the router's logits.
 *
 * <p>Softmax or sigmoid scores; a bias that only selects (DeepSeek-V3, arXiv 2412.19437, section
 * 2.1.2); groups, of which the best by the sum of their two highest scores stay; the best {@code
 * numExpertsPerTok}, the lower number first where two are equal; weights normalised and scaled.
 */
public final class Router {
  /**
   * What a sum of weights is at least, so that nothing is divided by zero: the least normal half.
   */
  public static final float LEAST_SUM = 6.103515625e-5f;

  private final MoeConfig config;
  private final float[] selectionBias; // [nRoutedExperts], or empty

  /** A router; {@code selectionBias} is {@code [nRoutedExperts]}, or empty for none. */
  public Router(MoeConfig config, float[] selectionBias) {
    this.config = config;
    this.selectionBias = selectionBias;
  }

  /**
   * Chooses for one token.
   *
   * @param logits {@code [nRoutedExperts]}; overwritten with the scores
   * @param selection scratch, {@code [nRoutedExperts]}
   * @param at where in {@code experts} and {@code weights} the token's choices go
   */
  public void route(float[] logits, float[] selection, int[] experts, float[] weights, int at) {
    int count = config.nRoutedExperts();
    if (config.scoring() == Scoring.SOFTMAX) {
      softmax(logits, 0, count);
    } else if (config.scoring() == Scoring.SIGMOID) {
      for (int e = 0; e < count; e++) {
        logits[e] = (float) (1 / (1 + Math.exp(-logits[e])));
      }
    }
    for (int e = 0; e < count; e++) {
      selection[e] = selectionBias.length == 0 ? logits[e] : logits[e] + selectionBias[e];
    }
    if (config.nGroup() > 1) {
      keepBestGroups(selection);
    }
    int used = config.numExpertsPerTok();
    float sum = 0;
    for (int i = 0; i < used; i++) {
      int best = best(selection);
      experts[at + i] = best;
      weights[at + i] = logits[best];
      sum += logits[best];
      selection[best] = Float.NaN; // taken
    }
    if (config.scoring() == Scoring.SOFTMAX_CHOSEN) {
      softmax(weights, at, used);
      sum = 1;
    }
    float factor = config.normTopkProb() ? 1 / Math.max(sum, LEAST_SUM) : 1;
    factor *= config.routedScalingFactor();
    for (int i = 0; i < used; i++) {
      weights[at + i] *= factor;
    }
  }

  /** The highest, the lowest number where equal; one that is left even if all scores are NaN. */
  private static int best(float[] selection) {
    int best = -1;
    for (int e = 0; e < selection.length; e++) {
      if (!Float.isNaN(selection[e]) && (best < 0 || selection[e] > selection[best])) {
        best = e;
      }
    }
    return Math.max(best, 0);
  }

  private void keepBestGroups(float[] selection) {
    int size = config.nRoutedExperts() / config.nGroup();
    float[] score = new float[config.nGroup()];
    for (int g = 0; g < score.length; g++) {
      float first = Float.NEGATIVE_INFINITY;
      float second = Float.NEGATIVE_INFINITY;
      for (int e = g * size; e < (g + 1) * size; e++) {
        if (selection[e] > first) {
          second = first;
          first = selection[e];
        } else if (selection[e] > second) {
          second = selection[e];
        }
      }
      score[g] = size == 1 ? first : first + second;
    }
    boolean[] kept = new boolean[score.length];
    for (int i = 0; i < config.topkGroup(); i++) {
      int best = best(score);
      kept[best] = true;
      score[best] = Float.NaN;
    }
    for (int g = 0; g < kept.length; g++) {
      if (!kept[g]) {
        java.util.Arrays.fill(selection, g * size, (g + 1) * size, Float.NEGATIVE_INFINITY);
      }
    }
  }

  private static void softmax(float[] values, int from, int count) {
    float max = Float.NEGATIVE_INFINITY;
    for (int i = from; i < from + count; i++) {
      max = Math.max(max, values[i]);
    }
    double sum = 0;
    for (int i = from; i < from + count; i++) {
      values[i] = (float) Math.exp(values[i] - max);
      sum += values[i];
    }
    for (int i = from; i < from + count; i++) {
      values[i] = (float) (values[i] / sum);
    }
  }
}
