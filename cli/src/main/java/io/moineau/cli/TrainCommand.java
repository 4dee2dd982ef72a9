package io.moineau.cli;

import io.moineau.adapt.Recipe;
import io.moineau.adapt.Training;
import io.moineau.adapt.TrainingListener;
import io.moineau.adapt.TrainingLog;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A model from text. */
@Command(
    name = "train",
    header = "Train a small mixture-of-experts model from text, by a recipe.",
    description = {
      "",
      "RECIPE is a YAML file: data, vocabulary, shape, steps (docs/training.md). What comes out is a GGUF",
      "file that chat and run take. Ctrl-C writes a checkpoint and stops; --resume goes on as if nothing",
      "had happened, after a crash too.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau train sparrow.yaml",
      "  moineau train sparrow.yaml --resume -t 4",
      "  moineau train sparrow.yaml --export so-far.gguf",
      "  moineau train sparrow.yaml --check"
    })
final class TrainCommand extends Job {
  private static final long SECONDS_BETWEEN_LINES = 30;
  private static final long SECONDS_TO_STOP = 600;

  @Parameters(paramLabel = "RECIPE", description = "The recipe.")
  @SuppressWarnings("NullAway.Init")
  private Path recipe;

  @Option(
      names = "--resume",
      description = "Go on from the run's last checkpoint, if there is one.")
  private boolean resume;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Threads, in place of the recipe's; 0: those. The result is the same for any number.")
  private int threads;

  @Option(names = "--check", description = "Read the recipe, say what it asks for, and stop.")
  private boolean check;

  @Option(
      names = "--export",
      paramLabel = "FILE",
      description = "Write the model as it is at the last checkpoint, and stop.")
  private @Nullable Path export;

  @Option(
      names = "--ngram",
      description =
          "Measure an n-gram model (order 5, Kneser-Ney) on the same data, to compare, and stop.")
  private boolean ngram;

  TrainCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    if (threads < 0 || threads > 4096) {
      throw usage("--threads is " + threads + ", but must be 0 to 4096");
    }
    Recipe read = Recipe.read(recipe);
    if (check) {
      describe(read);
      return ExitCode.OK;
    }
    if (export != null) {
      int step = Training.export(read, export, new TrainingListener() {});
      print(export + ": the model after step " + step + " of " + read.training().steps());
      return ExitCode.OK;
    }
    if (ngram) {
      Training.Baseline baseline = Training.ngram(read, new TrainingListener() {});
      print(
          String.format(
              Locale.ROOT,
              "n-grams of order 5, Kneser-Ney: perplexity %.2f, %.3f bits per byte",
              Math.exp(baseline.loss()),
              baseline.bitsPerByte()));
      return ExitCode.OK;
    }
    return train(read);
  }

  private void describe(Recipe read) {
    Recipe.TrainingPart how = read.training();
    print(SafeText.ofLine(read.name()) + ": " + read.model().architecture());
    print(
        Figures.grouped((long) how.steps() * how.batchTokens())
            + " tokens in "
            + Figures.grouped(how.steps())
            + " steps of "
            + Figures.grouped(how.batchTokens())
            + ", "
            + (how.muon() ? "Muon" : "AdamW"));
    print("model: " + read.out() + ", run: " + read.run());
  }

  private int train(Recipe read) {
    CountDownLatch ended = new CountDownLatch(1);
    try (Progress progress = new Progress(read)) {
      // Ctrl-C runs this; the JVM ends when it returns.
      Thread hook = new Thread(() -> progress.stop(ended), "moineau-train-stop");
      Runtime.getRuntime().addShutdownHook(hook);
      Training.Result result;
      try {
        result = Training.run(read, new Training.Options(resume, threads), progress);
      } finally {
        ended.countDown();
        removeHook(hook);
      }
      progress.close();
      if (!result.finished()) {
        remark(
            "stopped after step "
                + result.step()
                + "; go on with: moineau train "
                + recipe
                + " --resume");
        return ExitCode.INTERRUPTED;
      }
      print(result.file() + ": trained in " + result.step() + " steps");
      print("report: " + read.run().resolve("report.html"));
      return ExitCode.OK;
    }
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, by the hook itself.
      return;
    }
  }

  /** The bar on a terminal; elsewhere a line now and then. */
  private final class Progress implements TrainingListener, AutoCloseable {
    private final Recipe read;
    private volatile boolean stops;
    private @Nullable ProgressBar bar;
    private int firstStep = -1;
    private double firstSeconds;
    private double lastLine = Double.NEGATIVE_INFINITY;

    Progress(Recipe read) {
      this.read = read;
    }

    void stop(CountDownLatch ended) {
      stops = true;
      try {
        if (!ended.await(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public boolean stops() {
      return stops;
    }

    @Override
    public void preparing(String what, long done, long total) {
      if (streams().errTerminal()) {
        close();
        ProgressBar now = new ProgressBar(streams(), what, total);
        bar = now;
        now.update(done, "");
      }
    }

    @Override
    public void remark(String line) {
      close();
      TrainCommand.this.remark(line);
    }

    @Override
    public void step(TrainingLog.Row row, int steps) {
      if (firstStep < 0) {
        // The first step is left out of the speed: it waits for the compiler.
        close();
        firstStep = row.step();
        firstSeconds = row.seconds();
      }
      String line = line(row, steps);
      if (streams().errTerminal()) {
        ProgressBar now = bar;
        if (now == null) {
          now = new ProgressBar(streams(), "train", steps);
          bar = now;
        }
        now.update(row.step(), line);
      } else if (row.seconds() - lastLine >= SECONDS_BETWEEN_LINES
          || row.step() == steps
          || !Double.isNaN(row.validationLoss())) {
        lastLine = row.seconds();
        TrainCommand.this.remark("step " + row.step() + "/" + steps + ", " + line);
      }
    }

    private String line(TrainingLog.Row row, int steps) {
      StringBuilder line = new StringBuilder("loss ").append(Figures.decimal(row.loss(), 3));
      double seconds = row.seconds() - firstSeconds;
      if (row.step() > firstStep && seconds > 0) {
        double perStep = seconds / (row.step() - firstStep);
        line.append(
            String.format(Locale.ROOT, ", %.0f tokens/s", read.training().batchTokens() / perStep));
        if (!streams().errTerminal()) {
          line.append(", ").append(Figures.duration(perStep * (steps - row.step())));
          line.append(" left");
        }
      }
      if (!Double.isNaN(row.validationLoss())) {
        line.append(
            String.format(
                Locale.ROOT,
                "; validation: perplexity %.2f, %.3f bits per byte",
                Math.exp(row.validationLoss()),
                row.bitsPerByte()));
      }
      return line.toString();
    }

    @Override
    public void sample(int step, String text) {
      close();
      TrainCommand.this.remark("sample after step " + step + ": " + SafeText.ofLine(text));
    }

    @Override
    public void close() {
      if (bar != null) {
        bar.close();
        bar = null;
      }
    }
  }
}
