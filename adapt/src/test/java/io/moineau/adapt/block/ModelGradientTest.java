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

  @ParameterizedTest
  @MethodSource("models")
  void gradientsWithMtp_equalDifferences(ModelConfig config, boolean tied) {
    TokenBatch batch = TinyConfigs.batch();
    try (Workers workers = new Workers(2)) {
      TrainableModel model = new TrainableModel(config, tied, true, workers, batch.size(), 8);
      model.allocate(5);
      Parameters parameters = model.parameters();
      Gradients.fill(parameters, 6);
      TrainableModel.Evaluation losses = model.gradients(batch, 0.25f, 0.5f);
      double[] wide = Gradients.widen(parameters.values(), parameters.size());
      Reference reference = new Reference(parameters, wide, batch);
      assertThat(losses.loss() / reference.model(config, tied)).isBetween(1 - 1e-6, 1 + 1e-6);
      assertThat(losses.mtpLoss() / reference.mtp(config, tied)).isBetween(1 - 1e-6, 1 + 1e-6);
      // Segments of 5, 1, 6 and 2 tokens: 4 + 0 + 5 + 1 tokens after next.
      assertThat(losses.mtpCounted()).isEqualTo(10);
      assertThat(model.evaluate(batch).loss()).isEqualTo(losses.loss());
      assertThat(model.evaluate(batch).mtpLoss()).isEqualTo(losses.mtpLoss());
      Gradients.checkParameters(
          parameters,
          at -> {
            Reference there = new Reference(parameters, at, batch);
            return 0.25 * (there.model(config, tied) + 0.5 * there.mtp(config, tied));
          });
    }
  }

  @Test
  void mtp_readsNoTokenOfAnotherDocument() {
    ModelConfig config = TinyConfigs.gqa(Optional.empty(), 1);
    try (Workers workers = new Workers(1)) {
      TrainableModel model = new TrainableModel(config, true, true, workers, 16, 8);
      model.allocate(5);
      Gradients.fill(model.parameters(), 6);
      double first = model.evaluate(new TokenBatch(16).addText(3, 7, 1, 18, 4)).mtpLoss();
      double second = model.evaluate(new TokenBatch(16).addText(9, 11, 0, 5)).mtpLoss();
      TokenBatch both = new TokenBatch(16).addText(3, 7, 1, 18, 4).addText(9, 11, 0, 5);
      assertThat(model.evaluate(both).mtpLoss() / (first + second)).isBetween(1 - 1e-6, 1 + 1e-6);
      // Two tokens have one next token and none after it.
      TokenBatch two = new TokenBatch(16).addText(3, 7);
      assertThat(model.evaluate(two).mtpCounted()).isZero();
      assertThat(model.gradients(two, 1, 1).mtpLoss()).isZero();
    }
  }

  @Test
  void evaluate_ofAModelThatKnowsItsText_acceptsEveryDraft() {
    ModelConfig config = TinyConfigs.gqa(TinyConfigs.experts(Scoring.SIGMOID, true, 6, 0), 1);
    TokenBatch batch = new TokenBatch(16).addText(3, 7, 1, 18, 4, 9, 11, 0, 5);
    try (Workers workers = new Workers(1)) {
      TrainableModel model = new TrainableModel(config, true, true, workers, 16, 8);
      model.allocate(5);
      TrainableModel.Evaluation before = model.evaluate(batch);
      assertThat(before.mtpCounted()).isEqualTo(7);
      assertThat(before.mtpAccepted()).isLessThan(7);
      Optimizer optimizer = new Optimizer(workers, model.parameters(), Optimizer.Settings.adamW());
      for (int step = 0; step < 150; step++) {
        model.gradients(batch, 1f / batch.counted(), 0.3f);
        optimizer.step(0.01);
      }
      TrainableModel.Evaluation after = model.evaluate(batch);
      assertThat(after.loss() / batch.counted()).isLessThan(0.1);
      assertThat(after.mtpLoss() / after.mtpCounted()).isLessThan(0.1);
      assertThat(after.mtpAccepted()).isEqualTo(7);
    }
  }

  @Test
  void mtp_leavesTheFirstWeightsOfTheOthersAsTheyAre() {
    ModelConfig config = TinyConfigs.gqa(Optional.empty(), 1);
    try (Workers workers = new Workers(1)) {
      TrainableModel without = new TrainableModel(config, true, workers, 16, 8);
      TrainableModel with = new TrainableModel(config, true, true, workers, 16, 8);
      without.allocate(5);
      with.allocate(5);
      int n = without.parameters().size();
      assertThat(java.util.Arrays.copyOf(with.parameters().values(), n))
          .isEqualTo(without.parameters().values());
      TokenBatch batch = TinyConfigs.batch();
      assertThat(with.gradients(batch, 1)).isEqualTo(without.gradients(batch, 1));
      assertThat(java.util.Arrays.copyOf(with.parameters().gradients(), n))
          .isEqualTo(without.parameters().gradients());
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
