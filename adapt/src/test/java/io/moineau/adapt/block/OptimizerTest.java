package io.moineau.adapt.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.Scoring;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class OptimizerTest {
  @Test
  void adamW_equalsTheFormula() {
    Parameters parameters = new Parameters();
    Parameter matrix = parameters.matrix("w", 1, 5, 7);
    Parameter gain = parameters.add("g", Parameter.Kind.GAIN, 0, 3);
    parameters.allocate(1);
    Optimizer.Settings settings = new Optimizer.Settings(0.9f, 0.95f, 1e-8f, 0.1f, 1, false);
    double[] w = Gradients.widen(parameters.values(), parameters.size());
    double[] m = new double[w.length];
    double[] v = new double[w.length];
    try (Workers workers = new Workers(2)) {
      Optimizer optimizer = new Optimizer(workers, parameters, settings);
      for (int step = 1; step <= 5; step++) {
        double rate = 0.01 * step;
        float[] g = Gradients.random(step, w.length);
        java.util.Arrays.fill(g, 35, 48, 0); // the gap between tensors
        java.util.Arrays.fill(g, 51, 64, 0);
        System.arraycopy(g, 0, parameters.gradients(), 0, g.length);
        double norm = 0;
        for (float one : g) {
          norm += (double) one * one;
        }
        norm = Math.sqrt(norm);
        assertThat(optimizer.step(rate)).isCloseTo(norm, within(1e-5));
        assertThat(parameters.gradients()).containsOnly(0);
        for (int i = 0; i < w.length; i++) {
          double clipped = g[i] * Math.min(1, 1 / norm);
          m[i] = 0.9 * m[i] + 0.1 * clipped;
          v[i] = 0.95 * v[i] + 0.05 * clipped * clipped;
          double mHat = m[i] / (1 - Math.pow(0.9, step));
          double vHat = v[i] / (1 - Math.pow(0.95, step));
          double decay = i < gain.offset() ? 0.1 * w[i] : 0;
          w[i] -= rate * (mHat / (Math.sqrt(vHat) + 1e-8) + decay);
        }
      }
    }
    for (Parameter parameter : java.util.List.of(matrix, gain)) {
      for (int i = parameter.offset(); i < parameter.offset() + parameter.size(); i++) {
        assertThat((double) parameters.values()[i]).isCloseTo(w[i], within(2e-6));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void muon_movesByAMatrixOfEqualSingularValues(boolean tall) {
    int rows = tall ? 40 : 12;
    int columns = tall ? 12 : 40;
    Parameters parameters = new Parameters();
    Parameter stack = parameters.matrix("w", 0, 2, rows, columns);
    parameters.allocate(1);
    float[] g = Gradients.random(7, stack.size());
    System.arraycopy(g, 0, parameters.gradients(), 0, g.length);
    Optimizer.Settings settings = new Optimizer.Settings(0.9f, 0.95f, 1e-8f, 0, 1e9f, true);
    try (Workers workers = new Workers(1)) {
      new Optimizer(workers, parameters, settings).step(1);
    }
    double scale = 0.2 * Math.sqrt(40);
    float[] w = parameters.values();
    for (int e = 0; e < 2; e++) {
      int at = e * rows * columns;
      double trace = 0;
      double along = 0;
      for (int i = 0; i < rows * columns; i++) {
        trace += w[at + i] / scale * w[at + i] / scale;
        along -= (double) w[at + i] * g[at + i];
      }
      // The squares of 12 singular values, each of which the iteration leaves within 0.7 and 1.2.
      assertThat(trace / 12).isBetween(0.5, 1.4);
      assertThat(along).isGreaterThan(0);
    }
  }

  @Test
  void learningRate_risesThenFalls() {
    LearningRate rate = new LearningRate(2, 10, 110, 0.1);
    assertThat(rate.at(0)).isCloseTo(0.2, within(1e-12));
    assertThat(rate.at(9)).isCloseTo(2, within(1e-12));
    assertThat(rate.at(10)).isCloseTo(2, within(1e-12));
    assertThat(rate.at(60)).isBetween(1.0, 1.2);
    assertThat(rate.at(109)).isCloseTo(0.2, within(1e-12));
    assertThat(rate.at(1000)).isCloseTo(0.2, within(1e-12));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneBatch_isLearntByHeart(boolean muon) {
    ModelConfig config = TinyConfigs.mla(6, TinyConfigs.experts(Scoring.SIGMOID, true, 6, 1), 2);
    // In one text no two like beginnings go on differently, so that the loss may come to nothing.
    TokenBatch batch = new TokenBatch(16).addText(3, 7, 1, 18, 4, 4, 9, 11, 0, 5, 7, 3, 2, 2, 6);
    try (Workers workers = new Workers(1)) {
      TrainableModel model = new TrainableModel(config, true, workers, 16, 16);
      model.allocate(11);
      Optimizer optimizer =
          new Optimizer(
              workers, model.parameters(), new Optimizer.Settings(0.9f, 0.95f, 1e-8f, 0, 1, muon));
      double before = model.loss(batch) / batch.counted();
      assertThat(before).isBetween(2.5, 3.5); // ln 19 is 2.9
      // Muon's steps are as long at the end as at the start unless the rate falls.
      LearningRate rate = new LearningRate(0.01, 10, 400, 0);
      for (int step = 0; step < 400; step++) {
        model.gradients(batch, 1f / batch.counted());
        optimizer.step(rate.at(step));
        model.balance(0.001f);
      }
      assertThat(model.loss(batch) / batch.counted()).isLessThan(0.01);
    }
  }
}
