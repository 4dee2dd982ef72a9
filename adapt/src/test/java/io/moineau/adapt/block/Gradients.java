package io.moineau.adapt.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.ToDoubleFunction;

/** Compares gradients in floats with central finite differences in doubles. */
final class Gradients {
  private static final double STEP = 1e-5;

  /** What the relative error of a gradient, as a vector, may be. */
  static final double TOLERANCE = 1e-5;

  private Gradients() {}

  static float[] random(long seed, int n) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  static double[] widen(float[] values, int n) {
    double[] wide = new double[n];
    for (int i = 0; i < n; i++) {
      wide[i] = values[i];
    }
    return wide;
  }

  /** The gradient of {@code loss} to {@code at[from]} to {@code at[from + n - 1]}. */
  static double[] differences(double[] at, int from, int n, ToDoubleFunction<double[]> loss) {
    double[] gradient = new double[n];
    for (int i = 0; i < n; i++) {
      double value = at[from + i];
      at[from + i] = value + STEP;
      double above = loss.applyAsDouble(at);
      at[from + i] = value - STEP;
      double below = loss.applyAsDouble(at);
      at[from + i] = value;
      gradient[i] = (above - below) / (2 * STEP);
    }
    return gradient;
  }

  static void assertClose(String what, float[] actual, int from, double[] expected) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = actual[from + i] - expected[i];
      error += difference * difference;
      norm += expected[i] * expected[i];
    }
    assertThat(norm).as("norm of the gradient of %s", what).isGreaterThan(0);
    assertThat(Math.sqrt(error / norm)).as("relative error of %s", what).isLessThan(TOLERANCE);
  }

  /** Random weights of a spread at which nothing is saturated, gains that are not one. */
  static void fill(Parameters parameters, long seed) {
    Random random = new Random(seed);
    for (Parameter parameter : parameters.list()) {
      for (int i = 0; i < parameter.size(); i++) {
        double value = random.nextGaussian();
        parameters.values()[parameter.offset() + i] =
            (float)
                switch (parameter.kind()) {
                  case MATRIX -> value / Math.sqrt(parameter.columns());
                  case TABLE -> value;
                  case GAIN -> 1 + 0.2 * value;
                  case BALANCE -> 0.05 * value;
                };
      }
    }
  }

  /** Checks every weight that a gradient moves. */
  static void checkParameters(Parameters parameters, ToDoubleFunction<double[]> loss) {
    double[] wide = widen(parameters.values(), parameters.size());
    for (Parameter parameter : parameters.list()) {
      if (parameter.kind() != Parameter.Kind.BALANCE) {
        double[] expected = differences(wide, parameter.offset(), parameter.size(), loss);
        assertClose(parameter.name(), parameters.gradients(), parameter.offset(), expected);
      }
    }
  }
}
