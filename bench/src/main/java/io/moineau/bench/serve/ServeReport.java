package io.moineau.bench.serve;

import io.moineau.kernels.CpuFeatures;
import io.moineau.text.Json;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What a run measured, as Markdown and JSON.
 *
 * @param together rounds by number of streams
 * @param peer tokens per second of llama.cpp in the same rounds; empty without it
 * @param peerSetting its version and build
 */
record ServeReport(
    ServeOptions options,
    String model,
    Map<Integer, List<LoadFigures>> together,
    Map<Integer, List<Double>> peer,
    String peerSetting,
    Optional<LoadFigures> steady,
    List<LongPromptFigures> longPrompts) {
  private static final String HEAD =
      "| | tokens/s | first token, ms (p50 / p95 / p99) | gap, ms (p50 / p95 / p99) | largest"
          + " over median: of a token, of a piece | requests | errors |\n| --- | --- | --- | --- | --- | --- | --- |\n";

  /** Whether a request failed. */
  boolean failed() {
    boolean failed = steady.isPresent() && steady.get().failed() > 0;
    for (List<LoadFigures> rounds : together.values()) {
      failed |= rounds.stream().anyMatch(figures -> figures.failed() > 0);
    }
    return failed || longPrompts.stream().anyMatch(figures -> !figures.error().isEmpty());
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    return n == 0 ? 0 : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
  }

  private static double speed(List<LoadFigures> rounds) {
    return median(rounds.stream().mapToDouble(LoadFigures::tokensPerSecond).toArray());
  }

  private static double speedOfPeer(List<Double> rounds) {
    return median(rounds.stream().mapToDouble(Double::doubleValue).toArray());
  }

  /** For people. */
  String markdown() {
    StringBuilder text = new StringBuilder();
    line(
        text,
        "%s; %s, %d threads; prompts %s, answers %s tokens, chunks of %d.%n",
        model,
        CpuFeatures.get().name(),
        options.threads(),
        options.prompts(),
        options.answers(),
        options.chunkTokens());
    if (!together.isEmpty()) {
      together(text);
    }
    if (steady.isPresent()) {
      text.append(HEAD);
      row(text, steady.get());
      text.append('\n');
    }
    longPrompts(text);
    errors(text);
    return text.toString().strip() + "\n";
  }

  private void together(StringBuilder text) {
    boolean peers = !peer.isEmpty();
    line(
        text,
        "Streams that decode together, median of %d rounds%s.%n",
        options.rounds(),
        peers ? " in turns with " + peerSetting : "");
    text.append(peers ? "| streams | tokens/s | over one stream | llama.cpp | ratio |\n" : "")
        .append(peers ? "| --- | --- | --- | --- | --- |\n" : "")
        .append(peers ? "" : "| streams | tokens/s | over one stream |\n| --- | --- | --- |\n");
    double one = speed(together.getOrDefault(1, List.of()));
    together.forEach((streams, rounds) -> {
      double ours = speed(rounds);
      String over = one > 0 ? String.format(Locale.ROOT, "%.2f", ours / one) : "";
      if (peers) {
        double theirs = speedOfPeer(peer.getOrDefault(streams, List.of()));
        line(
            text,
            "| %d | %.1f | %s | %.1f | %.2f |",
            streams,
            ours,
            over,
            theirs,
            theirs == 0 ? 0 : ours / theirs);
      } else {
        line(text, "| %d | %.1f | %s |", streams, ours, over);
      }
    });
    text.append('\n');
  }

  private static void row(StringBuilder text, LoadFigures figures) {
    line(
        text,
        "| %s | %.1f | %s | %s | %.1f, %.1f | %d | %d |",
        figures.name(),
        figures.tokensPerSecond(),
        figures.first().text(),
        figures.gaps().text(),
        figures.starvation(),
        figures.longestPiece(),
        figures.requests(),
        figures.failed());
  }

  private void longPrompts(StringBuilder text) {
    if (longPrompts.isEmpty()) {
      return;
    }
    LongPromptFigures any = longPrompts.getFirst();
    line(text, "A prompt of %d tokens amid %d streams.%n", any.promptTokens(), any.others());
    text.append("| gap before, ms (p50) | largest during | added | one chunk | first token |\n")
        .append("| --- | --- | --- | --- | --- |\n");
    for (LongPromptFigures figures : longPrompts) {
      line(
          text,
          "| %.1f | %.1f | %.1f | %.1f | %.1f |",
          figures.before().p50(),
          figures.during().largest(),
          figures.added(),
          figures.chunkMillis(),
          figures.firstMillis());
    }
    text.append('\n');
  }

  private void errors(StringBuilder text) {
    together.values().forEach(rounds -> rounds.forEach(figures -> errors(text, figures)));
    steady.ifPresent(figures -> errors(text, figures));
    for (LongPromptFigures figures : longPrompts) {
      if (!figures.error().isEmpty()) {
        line(text, "- long prompt: %s", figures.error());
      }
    }
  }

  private static void errors(StringBuilder text, LoadFigures figures) {
    figures
        .errors()
        .forEach((message, times) -> line(text, "- %s: %d x %s", figures.name(), times, message));
  }

  private static void line(StringBuilder text, String format, Object... values) {
    text.append(String.format(Locale.ROOT, format, values).stripTrailing()).append('\n');
    if (format.endsWith("%n")) {
      text.append('\n');
    }
  }

  /** For programs: all samples. */
  String json() {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("time", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    root.put("model", model);
    root.put("cpu", CpuFeatures.get().name());
    root.put("threads", (long) options.threads());
    root.put("peer", peerSetting);
    Map<String, Object> rounds = new LinkedHashMap<>();
    together.forEach((streams, figures) ->
        rounds.put(streams.toString(), figures.stream().map(ServeReport::object).toList()));
    root.put("together", rounds);
    Map<String, Object> peers = new LinkedHashMap<>();
    peer.forEach((streams, speeds) -> peers.put(streams.toString(), speeds));
    root.put("together_peer", peers);
    steady.ifPresent(figures -> root.put("steady", object(figures)));
    root.put("long_prompt", longPrompts.stream().map(ServeReport::object).toList());
    return Json.writeIndented(root) + "\n";
  }

  private static Map<String, Object> object(LoadFigures figures) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("streams", (long) figures.streams());
    object.put("seconds", figures.seconds());
    object.put("requests", (long) figures.requests());
    object.put("tokens_per_second", figures.tokensPerSecond());
    object.put("prompt_tokens_per_second", figures.promptTokensPerSecond());
    object.put("first_ms", object(figures.first()));
    object.put("gap_ms", object(figures.gaps()));
    object.put("largest_token_over_median", figures.starvation());
    object.put("largest_gap_over_median", figures.longestPiece());
    Map<String, Object> errors = new LinkedHashMap<>();
    figures.errors().forEach((message, times) -> errors.put(message, (long) times));
    object.put("errors", errors);
    return object;
  }

  private static Map<String, Object> object(LongPromptFigures figures) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("others", (long) figures.others());
    object.put("prompt_tokens", (long) figures.promptTokens());
    object.put("gap_before_ms", object(figures.before()));
    object.put("gap_during_ms", object(figures.during()));
    object.put("added_ms", figures.added());
    object.put("chunk_ms", figures.chunkMillis());
    object.put("first_ms", figures.firstMillis());
    object.put("error", figures.error());
    return object;
  }

  private static Map<String, Object> object(Quantiles quantiles) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("count", (long) quantiles.count());
    object.put("p50", quantiles.p50());
    object.put("p95", quantiles.p95());
    object.put("p99", quantiles.p99());
    object.put("largest", quantiles.largest());
    return object;
  }
}
