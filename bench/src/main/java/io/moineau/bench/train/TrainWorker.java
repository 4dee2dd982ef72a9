package io.moineau.bench.train;

import io.moineau.adapt.Recipe;
import io.moineau.adapt.Training;
import io.moineau.adapt.TrainingListener;
import io.moineau.adapt.TrainingLog;
import io.moineau.bench.peers.ProcessFigures;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Some steps of a training, in a process of their own: arguments are the recipe, steps to warm up,
 * steps to measure and threads. Prints lines {@code name value}.
 */
final class TrainWorker {
  private TrainWorker() {}

  /** Measures the time between steps, so that all that a training does is counted. */
  private static final class Clock implements TrainingListener {
    private final int warmUp;
    private final double[] seconds;
    private int steps;
    private long last;
    private double firstLoss;

    Clock(int warmUp, int measured) {
      this.warmUp = warmUp;
      seconds = new double[measured];
    }

    @Override
    public void step(TrainingLog.Row row, int all) {
      long now = System.nanoTime();
      if (steps == 0) {
        firstLoss = row.loss();
      }
      if (steps >= warmUp && !stops()) {
        seconds[steps - warmUp] = (now - last) / 1e9;
      }
      last = now;
      steps++;
    }

    @Override
    public boolean stops() {
      return steps >= warmUp + seconds.length;
    }

    double median() {
      double[] sorted = seconds.clone();
      Arrays.sort(sorted);
      return sorted[sorted.length / 2];
    }
  }

  public static void main(String[] args) {
    Recipe recipe = Recipe.read(Path.of(args[0]));
    Clock clock = new Clock(Integer.parseInt(args[1]), Integer.parseInt(args[2]));
    Training.run(recipe, new Training.Options(false, Integer.parseInt(args[3])), clock);
    System.out.println("tokens_per_second " + recipe.training().batchTokens() / clock.median());
    System.out.println("first_loss " + clock.firstLoss);
    System.out.println(
        "peak_bytes " + ProcessFigures.of(ProcessHandle.current().pid()).peakBytes());
  }
}
