package io.moineau.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Offset.offset;

import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.model.ModelConfig.Scoring;
import org.junit.jupiter.api.Test;

class RouterTest {
  private static MoeConfig config(
      int experts, int used, Scoring scoring, boolean norm, float scale, int groups, int kept) {
    return new MoeConfig(experts, used, 8, 0, 0, 1, scoring, norm, scale, groups, kept);
  }

  private static int[] route(MoeConfig config, float[] bias, float[] logits, float[] weights) {
    int[] experts = new int[config.numExpertsPerTok()];
    new Router(config, bias).route(logits, new float[logits.length], experts, weights, 0);
    return experts;
  }

  @Test
  void route_equalScores_lowerNumberFirst() {
    float[] weights = new float[2];
    int[] chosen =
        route(
            config(4, 2, Scoring.SOFTMAX, true, 1, 1, 0),
            new float[0],
            new float[] {1, 3, 3, 3},
            weights);
    assertThat(chosen).containsExactly(1, 2);
    assertThat(weights).containsExactly(new float[] {0.5f, 0.5f}, offset(1e-6f));
  }

  @Test
  void route_bias_selectsOnly() {
    float[] weights = new float[1];
    int[] chosen =
        route(
            config(3, 1, Scoring.SIGMOID, false, 2, 1, 0),
            new float[] {0, 0, 5},
            new float[] {4, 0, 0},
            weights);
    assertThat(chosen).containsExactly(2);
    // The score without the bias, times the factor.
    assertThat(weights[0]).isEqualTo(1f, offset(1e-6f));
  }

  @Test
  void route_groups_bestTwoOfEachDecide() {
    // Group 0 has the single best expert; group 1 the better pair.
    float[] logits = {3, -9, 2, 2};
    int[] chosen =
        route(config(4, 2, Scoring.SIGMOID, true, 1, 2, 1), new float[0], logits, new float[2]);
    assertThat(chosen).containsExactly(2, 3);
  }

  @Test
  void route_softmaxOverChosen_sumsToOne() {
    float[] weights = new float[2];
    route(
        config(3, 2, Scoring.SOFTMAX_CHOSEN, false, 1, 1, 0),
        new float[0],
        new float[] {0, 1, 2},
        weights);
    assertThat(weights[0]).isEqualTo((float) (1 / (1 + Math.exp(-1))), offset(1e-6f));
    assertThat(weights[0] + weights[1]).isEqualTo(1f, offset(1e-6f));
  }

  @Test
  void route_everythingNaN_choosesDistinctValidNumbersOrFirst() {
    int[] chosen =
        route(
            config(3, 2, Scoring.SOFTMAX, true, 1, 1, 0),
            new float[0],
            new float[] {Float.NaN, Float.NaN, Float.NaN},
            new float[2]);
    for (int expert : chosen) {
      assertThat(expert).isBetween(0, 2);
    }
  }
}
