package io.moineau.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Divergences whose values are known by hand. */
class DivergenceTest {
  private static final Offset<Double> NEAR = Offset.offset(1e-6);

  private static float[] logits(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) Math.log(probabilities[i]) + 3; // any constant may be added
    }
    return logits;
  }

  @Test
  void add_equalDistributions_nothing() {
    Divergence divergence = new Divergence();
    divergence.add(logits(0.2, 0.3, 0.5), logits(0.2, 0.3, 0.5), 1);
    assertThat(divergence.mean()).isCloseTo(0, NEAR);
    assertThat(divergence.sameTop()).isEqualTo(1);
    assertThat(divergence.probabilityError()).isCloseTo(0, NEAR);
  }

  @Test
  void add_unequalDistributions_theDefinition() {
    Divergence divergence = new Divergence();
    divergence.add(logits(0.5, 0.25, 0.25), logits(0.25, 0.5, 0.25), 0);
    divergence.add(logits(0.5, 0.25, 0.25), logits(0.5, 0.25, 0.25), 0);
    // 0.5 ln 2 - 0.25 ln 2 at the first position, 0 at the second
    double first = 0.25 * Math.log(2);
    assertThat(divergence.mean()).isCloseTo(first / 2, NEAR);
    assertThat(divergence.error()).isCloseTo(first / 2, NEAR);
    assertThat(divergence.quantile(1)).isCloseTo(first, NEAR);
    assertThat(divergence.quantile(0.5)).isCloseTo(0, NEAR);
    assertThat(divergence.sameTop()).isEqualTo(0.5);
    assertThat(divergence.probabilityError()).isCloseTo(Math.sqrt(0.0625 / 2), NEAR);
  }
}
