package io.moineau.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import io.moineau.Evaluator;
import io.moineau.ModelCard;
import io.moineau.Moineau;
import io.moineau.kernels.MachineProbe;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prefill and decode speed as {@code llama-bench} defines them, beside what the machine can do. */
@Command(
    name = "bench",
    header = "Prefill and decode speed, as llama-bench defines them.",
    description = {
      "",
      "pp N: N tokens computed as a prompt (prefill); tg N: N tokens one by one from an empty"
          + " context",
      "(decode); nothing is sampled. After one warm-up, each is repeated -r times; shown are the"
          + " mean",
      "and standard deviation in tokens per second.",
      "GB/s: weight bytes read per token (the active share of the file) x tokens/s, for tg.",
      "GOP/s: 2 x active parameters x tokens/s, for pp. Beside them stands what a short probe of"
          + " this",
      "machine reads from memory and computes in 32-bit floats, with as many threads.",
      "",
      "-P: N sequences at once, 16 tokens of prompt and -n tokens each, as a server would run"
          + " them;",
      "shown is what all generate together, tokens chosen and turned into text.",
      "",
      "--tune needs no model: it measures which kernel is the fastest for how many tokens, by type"
          + " of",
      "weights, and keeps the table for later starts (moineau doctor names the file).",
      ""
    },
    footer = {
      "",
      "Examples:",
      "  moineau bench model.gguf",
      "  moineau bench model.gguf -p 128,512 -n 32 -r 3 -t 8",
      "  moineau bench model.gguf --json > bench.json         # llama-bench's field names",
      "  moineau bench model.gguf -p 0 -P 1,4,16              # one user, four, sixteen",
      "  moineau bench --tune                                 # once per machine, ten seconds or so"
    })
final class BenchCommand extends Job {
  @Parameters(paramLabel = "MODEL", arity = "0..1", description = "GGUF file, unless -m names it.")
  private List<String> words = List.of();

  @Mixin private ModelArguments model = new ModelArguments();

  @Option(
      names = {"-p", "--n-prompt"},
      paramLabel = "N",
      split = ",",
      defaultValue = "512",
      description = "Prompt lengths; 0: none (${DEFAULT-VALUE}).")
  private List<Integer> prompts = List.of(512);

  @Option(
      names = {"-n", "--n-gen"},
      paramLabel = "N",
      split = ",",
      defaultValue = "128",
      description = "Tokens to generate; 0: none (${DEFAULT-VALUE}).")
  private List<Integer> generations = List.of(128);

  @Option(
      names = {"-P", "--parallel"},
      paramLabel = "N",
      split = ",",
      defaultValue = "0",
      description = "Sequences that generate at once; 0: none (${DEFAULT-VALUE}).")
  private List<Integer> parallels = List.of(0);

  @Option(
      names = {"-r", "--repetitions"},
      paramLabel = "N",
      defaultValue = "5",
      description = "Repetitions (${DEFAULT-VALUE}).")
  private int repetitions;

  @Option(names = "--no-warmup", description = "No warm-up run before each test.")
  private boolean noWarmup;

  @Option(names = "--no-probe", description = "Do not probe the machine.")
  private boolean noProbe;

  @Option(names = "--json", description = "Print an array of tests with llama-bench's field names.")
  private boolean json;

  @Option(names = "--tune", description = "Measure and keep the table of kernels; see above.")
  private boolean tune;

  BenchCommand(Streams streams) {
    super(streams);
  }

  /** One test: a prompt or a generation, never both; the latter of several sequences at once. */
  private record Test(
      int numPrompt, int numGenerate, int numParallel, Instant time, List<Long> nanos) {
    int tokens() {
      return numPrompt + Math.max(1, numParallel) * numGenerate;
    }

    String name() {
      String name = numPrompt > 0 ? "pp" + numPrompt : "tg" + numGenerate;
      return numParallel > 0 ? name + " x " + numParallel : name;
    }

    DoubleStream speeds() {
      return nanos.stream().mapToDouble(n -> tokens() * 1e9 / Math.max(1, n));
    }

    double meanSpeed() {
      return speeds().average().orElse(0);
    }

    double speedDeviation() {
      double mean = meanSpeed();
      return nanos.size() < 2
          ? 0
          : Math.sqrt(speeds().map(s -> (s - mean) * (s - mean)).sum() / (nanos.size() - 1));
    }

    double meanNanos() {
      return nanos.stream().mapToLong(Long::longValue).average().orElse(0);
    }

    double nanosDeviation() {
      double mean = meanNanos();
      return nanos.size() < 2
          ? 0
          : Math.sqrt(
              nanos.stream().mapToDouble(n -> (n - mean) * (n - mean)).sum() / (nanos.size() - 1));
    }
  }

  @Override
  int execute() throws IOException {
    if (!model.takeModel(words).isEmpty()) {
      throw usage("unexpected argument: " + words.getFirst());
    }
    if (tune) {
      if (!words.isEmpty()) {
        throw usage("--tune measures without a model, but there is " + words.getFirst());
      }
      new TuneReport(streams(), model.threads(), json).run();
      return ExitCode.OK;
    }
    check("-r", repetitions, 1, 1000);
    int longest = 1;
    for (int n : prompts) {
      longest = Math.max(longest, check("-p", n, 0, 1 << 20));
    }
    for (int n : generations) {
      longest = Math.max(longest, check("-n", n, 0, 1 << 20));
    }
    int mostAtOnce = 0;
    for (int n : parallels) {
      mostAtOnce = Math.max(mostAtOnce, check("-P", n, 0, 4096));
    }
    if (mostAtOnce > 0) {
      for (int n : generations) {
        longest = Math.max(longest, ParallelSpeed.PROMPT + n + 1);
      }
    }
    model.contextOr(longest);
    try (Moineau moineau = open(mostAtOnce)) {
      List<Test> tests = new ArrayList<>();
      for (int n : prompts) {
        if (n > 0) {
          tests.add(run(moineau, n, 0));
        }
      }
      for (int n : generations) {
        if (n > 0) {
          tests.add(run(moineau, 0, n));
        }
      }
      for (int n : generations) {
        for (int p : parallels) {
          if (n > 0 && p > 0) {
            tests.add(runParallel(moineau, n, p));
          }
        }
      }
      MachineProbe.Result probe =
          noProbe ? MachineProbe.Result.NONE : Machine.probe(moineau.card().threads());
      if (json) {
        streams().out().print(toJson(moineau, tests, probe));
      } else {
        report(moineau.card(), tests, probe);
      }
    }
    return ExitCode.OK;
  }

  private int check(String option, int value, int least, int most) {
    if (value < least || value > most) {
      throw usage(option + " is " + value + ", but must be " + least + " to " + most);
    }
    return value;
  }

  private Test run(Moineau moineau, int numPrompt, int numGenerate) {
    Evaluator evaluator = moineau.evaluator();
    int chunk = model.chunkTokens(moineau);
    Test test = new Test(numPrompt, numGenerate, 0, Instant.now(), new ArrayList<>());
    try (ProgressBar bar = new ProgressBar(streams(), test.name(), repetitions + 1L)) {
      bar.update(0, "warming up");
      if (!noWarmup) {
        evaluator.measure(numPrompt, Math.min(numGenerate, 16), chunk);
      }
      for (int i = 0; i < repetitions; i++) {
        bar.update(i + 1L, "");
        Evaluator.Speed speed = evaluator.measure(numPrompt, numGenerate, chunk);
        test.nanos.add(numPrompt > 0 ? speed.promptNanos() : speed.generateNanos());
      }
    }
    return test;
  }

  private Moineau open(int mostAtOnce) throws IOException {
    return mostAtOnce == 0
        ? model.open(this)
        : model.open(this, options -> options.withMaxSequences(mostAtOnce));
  }

  private Test runParallel(Moineau moineau, int numGenerate, int numParallel) {
    ParallelSpeed speed = new ParallelSpeed(moineau);
    Test test = new Test(0, numGenerate, numParallel, Instant.now(), new ArrayList<>());
    try (ProgressBar bar = new ProgressBar(streams(), test.name(), repetitions + 1L)) {
      bar.update(0, "warming up");
      if (!noWarmup) {
        speed.nanos(numParallel, Math.min(numGenerate, 16));
      }
      for (int i = 0; i < repetitions; i++) {
        bar.update(i + 1L, "");
        test.nanos.add(speed.nanos(numParallel, numGenerate));
      }
    }
    return test;
  }

  /** Weight bytes that one token reads: the file's bytes times the share of its active weights. */
  private static double bytesPerToken(ModelCard card) {
    return (double) card.fileBytes() * card.activeParameters() / Math.max(1, card.parameters());
  }

  private static double gigabytesPerSecond(ModelCard card, Test test) {
    return bytesPerToken(card) * test.meanSpeed() / 1e9;
  }

  /** Several sequences read a weight once for all that need it, which the speed does not tell. */
  private static boolean readsPerToken(Test test) {
    return test.numGenerate > 0 && test.numParallel <= 1;
  }

  private static double gigaoperationsPerSecond(ModelCard card, Test test) {
    return 2.0 * card.activeParameters() * test.meanSpeed() / 1e9;
  }

  private void report(ModelCard card, List<Test> tests, MachineProbe.Result probe) {
    print(
        SafeText.ofLine(card.name())
            + ", "
            + card.architecture()
            + ", "
            + card.quantization()
            + ", "
            + Figures.bytes(card.fileBytes())
            + ", "
            + Figures.count(card.parameters())
            + " parameters; "
            + card.provider()
            + ", "
            + card.threads()
            + (card.threads() == 1 ? " thread" : " threads"));
    print("");
    TextTable table = new TextTable("test", ">tokens/s", "", ">GB/s", ">GOP/s");
    for (Test test : tests) {
      table.row(
          test.name(),
          Figures.decimal(test.meanSpeed(), 2),
          "± " + Figures.decimal(test.speedDeviation(), 2),
          readsPerToken(test) ? Figures.decimal(gigabytesPerSecond(card, test), 2) : "",
          test.numPrompt > 0 ? Figures.decimal(gigaoperationsPerSecond(card, test), 1) : "");
    }
    if (!probe.isEmpty()) {
      table.row(
          "this machine",
          "",
          "",
          Figures.decimal(probe.gigabytesPerSecond(), 1),
          Figures.decimal(probe.gigaoperationsPerSecond(), 1));
    }
    table.lines("").forEach(this::print);
  }

  private String toJson(Moineau moineau, List<Test> tests, MachineProbe.Result probe)
      throws IOException {
    ModelCard card = moineau.card();
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JsonOutput.generator(text)) {
      out.writeStartArray();
      for (Test test : tests) {
        out.writeStartObject();
        writeModel(out, moineau);
        out.writeNumberField("n_prompt", test.numPrompt);
        out.writeNumberField("n_gen", test.numGenerate);
        out.writeNumberField("n_depth", 0);
        out.writeNumberField("n_parallel", Math.max(1, test.numParallel));
        out.writeStringField("test_time", test.time.truncatedTo(ChronoUnit.SECONDS).toString());
        out.writeNumberField("avg_ns", Math.round(test.meanNanos()));
        out.writeNumberField("stddev_ns", Math.round(test.nanosDeviation()));
        out.writeNumberField("avg_ts", test.meanSpeed());
        out.writeNumberField("stddev_ts", test.speedDeviation());
        out.writeArrayFieldStart("samples_ns");
        for (long nanos : test.nanos) {
          out.writeNumber(nanos);
        }
        out.writeEndArray();
        out.writeArrayFieldStart("samples_ts");
        for (double speed : test.speeds().toArray()) {
          out.writeNumber(speed);
        }
        out.writeEndArray();
        if (readsPerToken(test)) {
          out.writeNumberField("gb_per_s", gigabytesPerSecond(card, test));
        } else {
          out.writeNumberField("gop_per_s", gigaoperationsPerSecond(card, test));
        }
        if (!probe.isEmpty()) {
          out.writeNumberField("machine_gb_per_s", probe.gigabytesPerSecond());
          out.writeNumberField("machine_gop_per_s", probe.gigaoperationsPerSecond());
        }
        out.writeEndObject();
      }
      out.writeEndArray();
    }
    return text.append('\n').toString();
  }

  private void writeModel(JsonGenerator out, Moineau moineau) throws IOException {
    ModelCard card = moineau.card();
    out.writeStringField("engine", "moineau " + RootCommand.Version.version());
    out.writeStringField("cpu_info", io.moineau.kernels.CpuFeatures.get().name());
    out.writeStringField("backends", card.provider());
    out.writeStringField("model_filename", card.path().toString());
    out.writeStringField("model_type", card.architecture() + " " + card.quantization());
    out.writeNumberField("model_size", card.fileBytes());
    out.writeNumberField("model_n_params", card.parameters());
    out.writeNumberField("n_ubatch", model.chunkTokens(moineau));
    out.writeNumberField("n_threads", card.threads());
    String kv = card.memory().kvType().toString().toLowerCase(java.util.Locale.ROOT);
    out.writeStringField("type_k", kv);
    out.writeStringField("type_v", kv);
  }
}
