package io.moineau.bench.train;

import io.moineau.adapt.Recipe;
import io.moineau.adapt.TrainingMemory;
import io.moineau.bench.peers.CpuMeter;
import io.moineau.error.MoineauException;
import io.moineau.kernels.CpuFeatures;
import io.moineau.kernels.dense.DenseProducts;
import io.moineau.kernels.dense.Factors;
import io.moineau.model.ModelConfig;
import io.moineau.model.ModelConfig.MlaConfig;
import io.moineau.model.ModelConfig.MoeConfig;
import io.moineau.text.Json;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;

/**
 * {@code bench/train/run}: tokens per second of a training, here and in PyTorch.
 *
 * <p>Every sample is a process of its own, and programs take turns, so that a machine that slows
 * down slows all of them.
 */
public final class TrainRun {
  private static final int WORDS = 12_000;
  private static final int TEXT_WORDS = 150_000;

  private final TrainOptions options;
  private final Path work;
  private final PrintStream log;

  private TrainRun(TrainOptions options, Path work, PrintStream log) {
    this.options = options;
    this.work = work;
    this.log = log;
  }

  /**
   * Arguments: the folder of the script, the Python that has PyTorch or an empty text, and those of
   * {@link TrainOptions}. Exits with 1 if a program failed, 2 for wrong arguments.
   */
  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> more = List.of(args).subList(2, args.length);
    if (more.contains("--help") || more.contains("-h")) {
      System.out.print(TrainOptions.USAGE);
      return;
    }
    Path work = Files.createTempDirectory("moineau-bench-train");
    try {
      int cores = CpuFeatures.get().usableCores();
      TrainOptions options = TrainOptions.parse(more, Path.of(args[0]), args[1], cores);
      System.exit(new TrainRun(options, work, System.err).run(System.out));
    } catch (MoineauException e) {
      System.err.println("run: " + e.getMessage());
      System.exit(e.code().equals("usage") ? 2 : 1);
    } finally {
      delete(work);
    }
  }

  private int run(PrintStream out) throws IOException, InterruptedException {
    Recipe recipe = prepare();
    TrainingMemory memory = TrainingMemory.of(recipe);
    TrainResults results = new TrainResults(options, memory);
    List<TrainProgram> programs = programs(recipe, memory);
    for (int round = 0; round < options.rounds(); round++) {
      for (TrainProgram program : programs) {
        results.add(program.name(), sample(program));
      }
      // After each round: whoever ends a long run keeps what it has measured.
      Files.createDirectories(options.out());
      Files.writeString(options.out().resolve("train.json"), results.json());
      Files.writeString(options.out().resolve("table.md"), results.table());
    }
    out.print(results.table());
    log.println("written: table.md, train.json in " + options.out());
    return results.failed() ? 1 : 0;
  }

  /** Text from a seed, and the recipe beside it. */
  private Recipe prepare() throws IOException {
    Files.writeString(work.resolve("text.txt"), text());
    Files.copy(options.recipe(), work.resolve("float32.yaml"));
    String more = Files.readString(options.recipe()) + "  products: bfloat16\n";
    Files.writeString(work.resolve("bfloat16.yaml"), more);
    return Recipe.read(work.resolve("float32.yaml"));
  }

  /** One long document of made-up words, often ones and rare ones, so that segments are full. */
  private static String text() {
    Random random = new Random(1);
    String[] words = new String[WORDS];
    for (int i = 0; i < WORDS; i++) {
      StringBuilder word = new StringBuilder();
      for (int syllable = random.nextInt(3); syllable >= 0; syllable--) {
        word.append("bdfghklmnprstvz".charAt(random.nextInt(15)));
        word.append("aeiou".charAt(random.nextInt(5)));
        word.append(random.nextBoolean() ? "" : "lnrst".charAt(random.nextInt(5)));
      }
      words[i] = word.toString();
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < TEXT_WORDS; i++) {
      text.append(words[(int) (WORDS * Math.pow(random.nextDouble(), 3))]).append(' ');
    }
    return text.toString();
  }

  private List<TrainProgram> programs(Recipe recipe, TrainingMemory memory) throws IOException {
    List<TrainProgram> programs = new ArrayList<>();
    for (Factors factors : Factors.values()) {
      String name = factors.name().toLowerCase(Locale.ROOT);
      programs.add(
          new TrainProgram(
              "Moineau " + name,
              DenseProducts.describe(factors),
              ours(name, memory),
              Map.of("MALLOC_ARENA_MAX", "1")));
    }
    if (options.python().isPresent()) {
      Path shape = work.resolve("shape.json");
      Files.writeString(shape, Json.write(shape(recipe)));
      // Memory that PyTorch frees stays with the process; else glibc gives it back and gets it
      // anew, page by page, for every tensor, which takes half of the time.
      Map<String, String> environment =
          Map.of(
              "MALLOC_MMAP_THRESHOLD_", "4294967296",
              "MALLOC_TRIM_THRESHOLD_", "17179869184",
              "MALLOC_TOP_PAD_", "268435456",
              "OMP_NUM_THREADS", "" + options.threads(),
              "OPENBLAS_NUM_THREADS", "" + options.threads());
      for (String flag : List.of("", "--bfloat16")) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of(options.python().get(), options.script().toString()));
        command.addAll(List.of(shape.toString(), "--steps", "" + options.steps()));
        command.addAll(List.of("--warmup", "" + options.warmUp()));
        command.addAll(List.of("--threads", "" + options.threads()));
        if (!flag.isEmpty()) {
          command.add(flag);
        }
        String name = flag.isEmpty() ? "PyTorch float32" : "PyTorch bfloat16";
        programs.add(new TrainProgram(name, "", command, environment));
      }
    }
    return programs;
  }

  private List<String> ours(String name, TrainingMemory memory) {
    // As the command starts Java, and with as much heap as it asks for.
    long megabytes = (memory.bytes() * 3 / 2 >> 20) + 64;
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules",
        "jdk.incubator.vector",
        "--enable-native-access=ALL-UNNAMED",
        "-XX:+UseSerialGC",
        "-XX:-UsePerfData",
        "-Djdk.incubator.vector.VECTOR_ACCESS_OOB_CHECK=0",
        "-Xms32m",
        "-XX:MaxNewSize=8m",
        "-XX:SurvivorRatio=4",
        "-XX:TrimNativeHeapInterval=500",
        "-Xmx" + megabytes + "m",
        "-cp",
        System.getProperty("java.class.path"),
        TrainWorker.class.getName(),
        work.resolve(name + ".yaml").toString(),
        "" + options.warmUp(),
        "" + options.steps(),
        "" + options.threads());
  }

  /** The shape in the names of {@code moe.py}. */
  private static Map<String, Object> shape(Recipe recipe) {
    ModelConfig model = recipe.model();
    MlaConfig mla = model.mla().orElseThrow();
    MoeConfig moe = model.moe().orElseThrow();
    Map<String, Object> shape = new LinkedHashMap<>();
    shape.put("vocabulary", model.vocabSize());
    shape.put("context", model.contextLength());
    shape.put("hidden", model.hiddenSize());
    shape.put("layers", model.numHiddenLayers());
    shape.put("dense_layers", moe.firstKDenseReplace());
    shape.put("dense_width", model.intermediateSize());
    shape.put("heads", model.numAttentionHeads());
    shape.put("q_rank", mla.qLoraRank());
    shape.put("kv_rank", mla.kvLoraRank());
    shape.put("nope", mla.qkNopeHeadDim());
    shape.put("rope", mla.qkRopeHeadDim());
    shape.put("value", mla.vHeadDim());
    shape.put("experts", moe.nRoutedExperts());
    shape.put("used", moe.numExpertsPerTok());
    shape.put("expert_width", moe.moeIntermediateSize());
    shape.put("shared_width", moe.sharedIntermediateSize());
    shape.put("theta", model.rope().theta());
    shape.put("eps", (double) model.rmsNormEps());
    shape.put("micro_batch", recipe.training().microBatchTokens());
    shape.put("batch", recipe.training().batchTokens());
    return shape;
  }

  private TrainResults.Sample sample(TrainProgram program)
      throws IOException, InterruptedException {
    // The vocabulary that the first run learnt is kept.
    Files.deleteIfExists(work.resolve("bench.run").resolve("checkpoint.bin"));
    CpuMeter meter = CpuMeter.ofChildren();
    ProcessBuilder builder = new ProcessBuilder(program.command());
    builder.environment().putAll(program.environment());
    Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    process.getOutputStream().close();
    Map<String, String> printed = new HashMap<>();
    try (var lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines
          .lines()
          .map(line -> line.split(" ", 2))
          .filter(pair -> pair.length == 2)
          .forEach(pair -> printed.put(pair[0], pair[1]));
    }
    int code = process.waitFor();
    double others = meter.others();
    if (code != 0 || !printed.containsKey("tokens_per_second")) {
      log.println(program.name() + ": ended with code " + code);
      return TrainResults.Sample.FAILED;
    }
    TrainResults.Sample sample =
        new TrainResults.Sample(
            Double.parseDouble(printed.get("tokens_per_second")),
            (long) Double.parseDouble(printed.get("peak_bytes")),
            Double.parseDouble(printed.get("first_loss")),
            others,
            printed.getOrDefault("version", program.detail()));
    log.printf(
        Locale.ROOT,
        "%s: %.0f tokens/s, peak %d MB, others used %.0f %% of the processors%n",
        program.name(),
        sample.tokensPerSecond(),
        sample.peakBytes() >> 20,
        100 * others);
    return sample;
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
