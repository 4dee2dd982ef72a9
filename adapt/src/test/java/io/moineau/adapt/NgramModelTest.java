package io.moineau.adapt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

final class NgramModelTest {
  @Test
  void probabilities_ofAllTokens_sumToOne() {
    Random random = new Random(4);
    int[] text = random.ints(3000, 0, 12).map(t -> t * t / 12).toArray();
    NgramModel model = new NgramModel(4, 12);
    for (int from = 0; from < text.length; from += 100) {
      model.add(text, from, from + 100);
    }
    model.finish();
    int[] context = {3, 1, 0, 0};
    for (int length = 0; length < 4; length++) {
      double sum = 0;
      for (int token = 0; token < 12; token++) {
        int[] gram = java.util.Arrays.copyOf(context, length + 1);
        gram[length] = token;
        double p = model.probability(gram, 0, length);
        assertThat(p).isPositive();
        sum += p;
      }
      assertThat(sum).isCloseTo(1, within(1e-12));
    }
  }

  /** Two tokens of context at most, so that it can be done by hand. */
  @Test
  void bigrams_equalTheFormula() {
    // Grams of two: 0 1 (three times), 1 0 (twice), 1 2 (once), 2 1 (once).
    int[] text = {0, 1, 0, 1, 0, 1, 2, 1};
    NgramModel model = new NgramModel(2, 4);
    model.add(text, 0, text.length);
    model.finish();
    double d2 = 2.0 / (2 + 2 * 1); // two grams once, one twice
    // Different tokens before 1: 0 and 2; before 0: 1; before 2: 1. Two once, one twice.
    double d1 = 2.0 / (2 + 2 * 1);
    double one = (2 - d1 + d1 * 3 / 4) / 4;
    double zero = (1 - d1 + d1 * 3 / 4) / 4;
    assertThat(model.probability(new int[] {0, 1}, 0, 1))
        .isCloseTo((3 - d2 + d2 * 1 * one) / 3, within(1e-12));
    assertThat(model.probability(new int[] {1, 0}, 0, 1))
        .isCloseTo((2 - d2 + d2 * 2 * zero) / 3, within(1e-12));
    // After a token that was never seen: the order below.
    assertThat(model.probability(new int[] {3, 1}, 0, 1)).isCloseTo(one, within(1e-12));
  }

  @Test
  void repetition_isLearnt() {
    int[] text = new int[500];
    for (int i = 0; i < text.length; i++) {
      text[i] = (i * 7 % 50 + i / 50) % 50;
    }
    NgramModel model = new NgramModel(5, 50);
    model.add(text, 0, text.length);
    model.finish();
    assertThat(model.probability(text, 0, 5)).isGreaterThan(0.2);
  }
}
