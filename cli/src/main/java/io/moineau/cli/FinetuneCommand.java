package io.moineau.cli;

import io.moineau.adapt.FinetuneOptions;
import io.moineau.adapt.FinetuneOptions.Format;
import io.moineau.adapt.FinetuneOptions.Products;
import io.moineau.adapt.FinetuneOptions.Target;
import io.moineau.adapt.Finetuning;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A model that learns chats, by an adapter beside its weights. */
@Command(
    name = "finetune",
    header = "Fine-tune a model on chats: a LoRA adapter over weights that stay as they are.",
    description = {
      "",
      "Chats are JSON lines: {\"messages\": [{\"role\": \"user\", \"content\": ...}, ...]}, ShareGPT's",
      "conversations or Alpaca's instruction, input and output. The model's own chat template is",
      "applied; only what the assistant says is learnt. Ctrl-C writes a checkpoint and stops; --resume",
      "goes on as if nothing had happened, after a crash too.",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau finetune model.gguf --data chats.jsonl --out adapter.gguf --check",
      "  moineau finetune model.gguf --data chats.jsonl --out adapter.gguf",
      "  moineau chat model.gguf --lora adapter.gguf",
      "  moineau merge model.gguf --lora adapter.gguf merged.gguf"
    })
final class FinetuneCommand extends Job {
  @Parameters(paramLabel = "MODEL", description = "The GGUF file of the model.")
  @SuppressWarnings("NullAway.Init")
  private Path model;

  @Option(
      names = "--data",
      paramLabel = "FILE",
      required = true,
      description = "Chats, plain or gzipped; may be given several times.")
  private List<Path> data = List.of();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description =
          "The adapter; checkpoint and report are in a folder beside it that ends in .run.")
  @SuppressWarnings("NullAway.Init")
  private Path out;

  @Option(
      names = "--format",
      paramLabel = "FORM",
      defaultValue = "gguf",
      description = "gguf, or peft: a folder with safetensors (${DEFAULT-VALUE}).")
  private String format = "gguf";

  @Option(
      names = "--rank",
      paramLabel = "N",
      defaultValue = "16",
      description = "Rank of the changes (${DEFAULT-VALUE}).")
  private int rank;

  @Option(
      names = "--alpha",
      paramLabel = "X",
      defaultValue = "32",
      description = "Changes are multiplied by alpha / rank (${DEFAULT-VALUE}).")
  private float alpha;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "3",
      description = "Passes over the chats (${DEFAULT-VALUE}).")
  private int epochs;

  @Option(
      names = "--learning-rate",
      paramLabel = "X",
      defaultValue = "2e-4",
      description = "Highest rate; a warm-up leads to it, a cosine to zero (${DEFAULT-VALUE}).")
  private double learningRate;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "8",
      description = "Chats of a step (${DEFAULT-VALUE}).")
  private int batch;

  @Option(
      names = {"-c", "--context"},
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Tokens of a chat at most, longer ones are cut at the end of a turn; 0: the model's own or"
              + " 2048, whichever is less.")
  private int context;

  @Option(
      names = "--targets",
      paramLabel = "PARTS",
      defaultValue = "attention,shared-experts,routed-experts,dense",
      description = "Parts that are changed, of ${DEFAULT-VALUE}; all of them if not given.")
  private String targets = "";

  @Option(
      names = "--validation",
      paramLabel = "X",
      defaultValue = "0.05",
      description = "Part of the chats that is kept aside to measure (${DEFAULT-VALUE}).")
  private double validation;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Of everything random (${DEFAULT-VALUE}).")
  private long seed;

  @Option(
      names = "--resume",
      description = "Go on from the run's last checkpoint, if there is one.")
  private boolean resume;

  @Option(
      names = {"-t", "--threads"},
      paramLabel = "N",
      defaultValue = "0",
      description = "Threads; 0: one per core. The result is the same for any number.")
  private int threads;

  @Option(
      names = "--products",
      paramLabel = "TYPE",
      defaultValue = "float32",
      description =
          "float32, or bfloat16: factors are rounded, which is faster where the processor has"
              + " instructions for it (${DEFAULT-VALUE}).")
  private String products = "float32";

  @Option(
      names = "--check",
      description = "Read everything, say what would be done and how long it takes, and stop.")
  private boolean check;

  FinetuneCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    FinetuneOptions options =
        new FinetuneOptions(
            model,
            data,
            out,
            form(),
            rank,
            alpha,
            epochs,
            learningRate,
            batch,
            context,
            parts(),
            validation,
            seed,
            resume,
            threads,
            factors());
    try (TrainingProgress progress = new TrainingProgress(streams(), "finetune", this::remark)) {
      if (check) {
        Finetuning.Plan plan = Finetuning.check(options, progress);
        progress.close();
        describe(options, plan);
        return ExitCode.OK;
      }
      return Interruption.guard(
          progress::stop,
          () -> finetune(options, progress),
          e -> ErrorPrinter.print(e, spec().qualifiedName(), false, streams().err()));
    }
  }

  private int finetune(FinetuneOptions options, TrainingProgress progress) {
    Finetuning.Result result = Finetuning.run(options, progress);
    progress.close();
    if (!result.finished()) {
      remark(
          "stopped after step "
              + result.step()
              + "; go on with the same command and --resume: moineau finetune "
              + model
              + " --out "
              + out
              + " ... --resume");
      return ExitCode.INTERRUPTED;
    }
    print(SafeText.ofLine(out.toString()) + ": learnt in " + result.step() + " steps");
    if (!Double.isNaN(result.lossBefore())) {
      print(
          String.format(
              Locale.ROOT,
              "validation loss: %.4f before, %.4f after (nats per token)",
              result.lossBefore(),
              result.lossAfter()));
    }
    print("report: " + options.run().resolve("report.html"));
    return ExitCode.OK;
  }

  private void describe(FinetuneOptions options, Finetuning.Plan plan) {
    print(
        Figures.grouped(plan.chats())
            + " chats of "
            + Figures.grouped(plan.tokens())
            + " tokens, "
            + Figures.grouped(plan.learnt())
            + " of them learnt; "
            + Figures.grouped(plan.validation())
            + " chats kept for validation");
    print(
        Figures.grouped(plan.steps())
            + " steps of "
            + options.batch()
            + " chats, "
            + options.epochs()
            + (options.epochs() == 1 ? " pass" : " passes"));
    print(
        Figures.grouped(plan.parameters())
            + " parameters for "
            + Figures.grouped(plan.weights())
            + " weights, "
            + Figures.bytes(plan.bytes())
            + " of heap");
    print("about " + Figures.duration(plan.seconds()) + " on this machine as it is now");
    print("adapter: " + options.out() + ", run: " + options.run());
  }

  private Products factors() {
    return Stream.of(Products.values())
        .filter(value -> value.word().equals(products.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() -> usage("--products is " + products + ", but can be float32 or bfloat16"));
  }

  private Format form() {
    return switch (format.toLowerCase(Locale.ROOT)) {
      case "gguf" -> Format.GGUF;
      case "peft" -> Format.PEFT;
      default -> throw usage("--format is " + format + ", but can be gguf or peft");
    };
  }

  private Set<Target> parts() {
    Set<Target> parts = EnumSet.noneOf(Target.class);
    for (String word : targets.split(",", -1)) {
      @Nullable Target found = null;
      for (Target target : Target.values()) {
        found = target.word().equals(word.strip()) ? target : found;
      }
      if (found == null) {
        throw usage(
            "--targets has "
                + word.strip()
                + ", but can have "
                + Stream.of(Target.values()).map(Target::word).collect(Collectors.joining(", ")));
      }
      parts.add(found);
    }
    return parts;
  }
}
