package io.moineau.cli;

import io.moineau.adapt.Recipe;
import io.moineau.adapt.Training;
import io.moineau.adapt.TrainingListener;
import java.nio.file.Path;
import java.util.Locale;
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
    try (TrainingProgress progress = new TrainingProgress(streams(), "train", this::remark)) {
      return Interruption.guard(
          progress::stop,
          () -> train(read, progress),
          e -> ErrorPrinter.print(e, spec().qualifiedName(), false, streams().err()));
    }
  }

  private int train(Recipe read, TrainingProgress progress) {
    Training.Result result = Training.run(read, new Training.Options(resume, threads), progress);
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
