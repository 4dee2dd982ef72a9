package io.moineau.adapt.lora;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.adapt.block.Parameter;
import io.moineau.adapt.block.Parameters;
import io.moineau.adapt.block.TokenBatch;
import io.moineau.adapt.block.Workers;
import io.moineau.adapt.lora.LoraSettings.Part;
import io.moineau.format.GgufFile;
import io.moineau.tensor.DType;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Gradients of A and B of every target against central differences of {@link DoubleModel}.
 *
 * <p>Differences go along random directions d whose numbers are independent with variance 1. If g
 * is the gradient and e its error, {@code e . d} has variance {@code |e|^2}: the root mean square
 * of {@code difference - g . d} over a few directions, over {@code |g|}, estimates the relative
 * error of the whole gradient, for two forward passes per direction and not per number.
 */
final class TunableGradientTest {
  private static final double TOLERANCE = 1e-5;
  private static final double STEP = 1e-5;
  private static final int DIRECTIONS = 2;

  @TempDir private Path folder;

  static List<String> kinds() {
    return TinyFiles.KINDS;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void gradients_equalDifferencesInDoubles(String kind) {
    LoraSettings settings = new LoraSettings(2, 3, EnumSet.allOf(Part.class), 5);
    Path path = TinyFiles.write(folder.resolve("m.gguf"), kind, 32, DType.BF16, 8);
    TokenBatch batch = new TokenBatch(16).addText(TunableModelTest.text(9, 1));
    batch.beginSegment();
    batch.add(5, TokenBatch.NO_TARGET);
    batch.add(40, 7);
    batch.add(12, 30);
    try (GgufFile file = GgufFile.open(path);
        Workers workers = new Workers(1);
        TunableModel model = TunableModel.open(file, settings, workers, 16, 8)) {
      Parameters parameters = model.parameters();
      TunableModelTest.fill(parameters, 6);
      double loss = model.gradients(batch, 0.5f);
      DoubleModel reference = new DoubleModel(file, parameters, settings.scale());
      double[] values = new double[parameters.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = parameters.values()[i];
      }
      assertThat(loss / reference.loss(batch, values)).isBetween(1 - 1e-5, 1 + 1e-5);
      assertThat(model.loss(batch)).isEqualTo(loss);
      Random random = new Random(9);
      for (Parameter parameter : parameters.list()) {
        check(parameter, parameters.gradients(), values, random, reference, batch);
      }
    }
  }

  private static void check(
      Parameter parameter,
      float[] gradients,
      double[] values,
      Random random,
      DoubleModel reference,
      TokenBatch batch) {
    int from = parameter.offset();
    double norm = 0;
    for (int i = from; i < from + parameter.size(); i++) {
      norm += (double) gradients[i] * gradients[i];
    }
    assertThat(norm).as(parameter.name()).isGreaterThan(0);
    double error = 0;
    for (int k = 0; k < DIRECTIONS; k++) {
      double[] direction = random.doubles(parameter.size()).map(u -> u < 0.5 ? -1 : 1).toArray();
      double along = 0;
      for (int i = 0; i < direction.length; i++) {
        along += gradients[from + i] * direction[i];
      }
      double above = moved(reference, batch, values, from, direction, STEP);
      double below = moved(reference, batch, values, from, direction, -STEP);
      error += Math.pow(0.5 * (above - below) / (2 * STEP) - along, 2) / DIRECTIONS;
    }
    assertThat(Math.sqrt(error / norm))
        .as("relative error of %s", parameter.name())
        .isLessThan(TOLERANCE);
  }

  private static double moved(
      DoubleModel reference,
      TokenBatch batch,
      double[] values,
      int from,
      double[] direction,
      double step) {
    double[] at = values.clone();
    for (int i = 0; i < direction.length; i++) {
      at[from + i] += step * direction[i];
    }
    return reference.loss(batch, at);
  }
}
