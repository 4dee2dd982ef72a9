package io.moineau.adapt.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.Scoring;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole models of two layers. */
final class ModelGradientTest {
  static Stream<Arguments> models() {
    return Stream.of(
        Arguments.of(TinyConfigs.mla(6, TinyConfigs.experts(Scoring.SIGMOID, true, 6, 1), 2), true),
        Arguments.of(TinyConfigs.gqa(TinyConfigs.experts(Scoring.SOFTMAX, true, 0, 0), 2), false),
        Arguments.of(TinyConfigs.gqa(Optional.empty(), 2), true));
  }

  @ParameterizedTest
  @MethodSource("models")
  void gradients_equalDifferences(ModelConfig config, boolean tied) {
    TokenBatch batch = TinyConfigs.batch();
    try (Workers workers = new Workers(2)) {
      TrainableModel model = new TrainableModel(config, tied, workers, batch.size(), 8);
      model.allocate(5);
      Parameters parameters = model.parameters();
      Gradients.fill(parameters, 6);
      double loss = model.gradients(batch, 0.25f);
      double[] wide = Gradients.widen(parameters.values(), parameters.size());
      assertThat(loss / new Reference(parameters, wide, batch).model(config, tied))
          .isBetween(1 - 1e-6, 1 + 1e-6);
      assertThat(model.loss(batch)).isEqualTo(loss);
      Gradients.checkParameters(
          parameters, at -> 0.25 * new Reference(parameters, at, batch).model(config, tied));
    }
  }

  @Test
  void gradients_onMoreThreads_areTheSameBits() {
    ModelConfig config = TinyConfigs.mla(6, TinyConfigs.experts(Scoring.SIGMOID, true, 6, 1), 2);
    float[] first = gradients(config, 1);
    assertThat(gradients(config, 2)).isEqualTo(first);
    assertThat(gradients(config, 5)).isEqualTo(first);
  }

  private static float[] gradients(ModelConfig config, int threads) {
    TokenBatch batch = new TokenBatch(900);
    int token = 1;
    for (int length = 40; batch.room() > length; length += 7) {
      batch.beginSegment();
      for (int i = 0; i < length; i++) {
        int next = (token * 7 + i) % 19;
        batch.add(token, next);
        token = next;
      }
    }
    try (Workers workers = new Workers(threads)) {
      TrainableModel model = new TrainableModel(config, true, workers, 900, 300);
      model.allocate(5);
      model.gradients(batch, 1);
      return model.parameters().gradients();
    }
  }

  @Test
  void balance_raisesTheBiasOfExpertsWithFewTokens() {
    ModelConfig config = TinyConfigs.gqa(TinyConfigs.experts(Scoring.SIGMOID, true, 0, 0), 1);
    TokenBatch batch = TinyConfigs.batch();
    try (Workers workers = new Workers(1)) {
      TrainableModel model = new TrainableModel(config, true, workers, 16, 8);
      model.allocate(3);
      model.loss(batch);
      long[] load = model.expertLoad().getFirst();
      long sum = 0;
      for (long tokens : load) {
        sum += tokens;
      }
      assertThat(sum).isEqualTo(2L * batch.size());
      model.balance(0.01f);
      int bias =
          model.parameters().list().stream()
              .filter(p -> p.kind() == Parameter.Kind.BALANCE)
              .findFirst()
              .orElseThrow()
              .offset();
      for (int e = 0; e < load.length; e++) {
        int sign = Float.compare(model.parameters().values()[bias + e], 0);
        assertThat(sign).isEqualTo(Long.compare(sum, load.length * load[e]));
      }
      assertThat(model.expertLoad().getFirst()).containsOnly(0);
    }
  }
}
