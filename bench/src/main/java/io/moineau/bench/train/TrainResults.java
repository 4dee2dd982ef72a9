package io.moineau.bench.train;

import io.moineau.adapt.TrainingMemory;
import io.moineau.kernels.CpuFeatures;
import io.moineau.text.Json;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** Samples of each program, as a table and as JSON. */
final class TrainResults {
  /**
   * What a process measured.
   *
   * @param tokensPerSecond median of its steps
   * @param peakBytes of memory that the whole process had
   * @param firstLoss of the first step, in nats per token: that of guessing, if all is right
   * @param others share of all processors that other programs took meanwhile
   * @param version of what it computed with
   */
  record Sample(
      double tokensPerSecond, long peakBytes, double firstLoss, double others, String version) {
    static final Sample FAILED = new Sample(Double.NaN, 0, Double.NaN, Double.NaN, "failed");

    boolean failed() {
      return Double.isNaN(tokensPerSecond);
    }
  }

  private final TrainOptions options;
  private final TrainingMemory memory;
  private final Map<String, List<Sample>> samples = new LinkedHashMap<>();

  TrainResults(TrainOptions options, TrainingMemory memory) {
    this.options = options;
    this.memory = memory;
  }

  void add(String program, Sample sample) {
    samples.computeIfAbsent(program, name -> new ArrayList<>()).add(sample);
  }

  boolean failed() {
    return samples.values().stream().anyMatch(list -> list.stream().anyMatch(Sample::failed));
  }

  private static double median(List<Sample> samples, ToDoubleFunction<Sample> value) {
    double[] sorted =
        samples.stream().filter(sample -> !sample.failed()).mapToDouble(value).sorted().toArray();
    return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
  }

  private double speed(String program) {
    return median(samples.getOrDefault(program, List.of()), Sample::tokensPerSecond);
  }

  String table() {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "%s, threads: %d of %d, rounds: %d, steps: %d after %d; %.1f M parameters",
        CpuFeatures.get().name(),
        options.threads(),
        CpuFeatures.get().usableCores(),
        options.rounds(),
        options.steps(),
        options.warmUp(),
        memory.parameters() / 1e6);
    line(text, "");
    line(
        text,
        "| program | computes with | tokens/s | x PyTorch float32 | x PyTorch bfloat16 | peak MB |"
            + " others' share |");
    line(text, "| --- | --- | --- | --- | --- | --- | --- |");
    samples.forEach((program, list) ->
        line(
            text,
            "| %s | %s | %s | %s | %s | %s | %s |",
            program,
            list.getLast().version(),
            cell("%.0f", speed(program)),
            cell("%.2f", speed(program) / speed("PyTorch float32")),
            cell("%.2f", speed(program) / speed("PyTorch bfloat16")),
            cell("%.0f", median(list, Sample::peakBytes) / (1 << 20)),
            cell("%.0f %%", 100 * median(list, Sample::others))));
    line(text, "");
    line(
        text,
        "Weights %d MB, gradients %d MB, moments %d MB, activations %d MB: %d MB. Moineau's peak is"
            + " %.2f times that.",
        memory.weights() >> 20,
        memory.gradients() >> 20,
        memory.optimizer() >> 20,
        memory.activations() >> 20,
        memory.bytes() >> 20,
        median(samples.getOrDefault("Moineau float32", List.of()), Sample::peakBytes)
            / memory.bytes());
    return text.toString();
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String cell(String format, double value) {
    return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, format, value);
  }

  String json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("time", Instant.now().toString());
    all.put("cpu", CpuFeatures.get().name());
    all.put("cores", (long) CpuFeatures.get().usableCores());
    all.put("threads", (long) options.threads());
    all.put("steps", (long) options.steps());
    all.put("warm_up", (long) options.warmUp());
    all.put("parameters", memory.parameters());
    all.put("weights_gradients_moments_activations_bytes", memory.bytes());
    List<Object> programs = new ArrayList<>();
    samples.forEach((name, list) -> {
      Map<String, Object> program = new LinkedHashMap<>();
      program.put("program", name);
      program.put("computes_with", list.getLast().version());
      program.put("failed", list.stream().filter(Sample::failed).count());
      program.put("tokens_per_second", numbers(list, Sample::tokensPerSecond));
      program.put("peak_bytes", numbers(list, Sample::peakBytes));
      program.put("first_loss", numbers(list, Sample::firstLoss));
      program.put("others_share", numbers(list, Sample::others));
      programs.add(program);
    });
    all.put("programs", programs);
    return Json.writeIndented(all) + "\n";
  }

  private static List<Double> numbers(List<Sample> samples, ToDoubleFunction<Sample> value) {
    return samples.stream().filter(s -> !s.failed()).map(value::applyAsDouble).toList();
  }
}
