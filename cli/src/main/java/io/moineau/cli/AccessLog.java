package io.moineau.cli;

import io.moineau.FinishReason;
import io.moineau.server.AccessEntry;
import io.moineau.server.AccessSink;
import io.moineau.server.access.AnswerEnd;
import io.moineau.text.Json;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** A line for each request that was answered, with nothing of what it said. */
final class AccessLog implements AccessSink, AutoCloseable {
  /** How the lines look. */
  enum Format {
    /** For people. */
    TEXT,
    /** For programs: an object in each line. */
    JSON,
    /** There are none. */
    NONE
  }

  private final Format format;
  private final LineWriter lines;

  AccessLog(Format format, PrintStream out) {
    this.format = format;
    this.lines =
        new LineWriter(
            out, count -> format == Format.JSON ? droppedJson(count) : droppedText(count));
  }

  @Override
  public void accept(AccessEntry entry) {
    switch (format) {
      case TEXT -> lines.write(text(entry));
      case JSON -> lines.write(json(entry));
      case NONE -> {}
    }
  }

  /** Lines that were left out because what reads them was too slow. */
  @Override
  public long dropped() {
    return lines.dropped();
  }

  /** Waits a little for what was not written yet. */
  @Override
  public void close() {
    lines.close();
  }

  private static String text(AccessEntry entry) {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS)
        + " "
        + entry.remote()
        + " "
        + SafeText.ofLine(entry.method())
        + " "
        + SafeText.ofLine(entry.path())
        + " "
        + entry.status()
        + " "
        + entry.nanos() / 1_000_000
        + " ms "
        + entry.requestId();
  }

  private static String json(AccessEntry entry) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", entry.startedAt().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("remote", entry.remote());
    line.put("method", entry.method());
    line.put("path", entry.path());
    line.put("status", entry.status());
    line.put("ms", millis(entry.nanos()));
    line.put("request_id", entry.requestId());
    if (entry.caller().hasKey()) {
      line.put("key_id", entry.caller().keyId());
    }
    if (!entry.answers().isEmpty()) {
      answers(entry, line);
    }
    if (!entry.traceId().isEmpty()) {
      line.put("trace_id", entry.traceId());
    }
    return Json.write(line);
  }

  /** What the model did; figures of several answers to one request are added up. */
  private static void answers(AccessEntry entry, Map<String, Object> line) {
    long prompt = 0;
    long cached = 0;
    long generated = 0;
    long firstToken = Long.MAX_VALUE;
    for (AnswerEnd end : entry.answers()) {
      prompt += end.usage().promptTokens();
      cached += end.usage().cachedTokens();
      generated += end.usage().completionTokens();
      if (end.usage().completionTokens() > 0) {
        firstToken =
            Math.min(firstToken, end.timings().queueNanos() + end.timings().prefillNanos());
      }
    }
    line.put("model", entry.model());
    line.put("prompt_tokens", prompt);
    line.put("cached_tokens", cached);
    line.put("generated_tokens", generated);
    if (generated > 0) {
      line.put("first_token_ms", millis(firstToken));
    }
    line.put(
        "finish_reason",
        entry.answers().stream()
            .map(end -> end.finishReason().map(FinishReason::word).orElse("error"))
            .distinct()
            .collect(Collectors.joining(",")));
  }

  /** To a tenth: 12.3. */
  private static double millis(long nanos) {
    return Math.round(nanos / 1e5) / 10.0;
  }

  private static String droppedText(long count) {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS)
        + " "
        + count
        + " lines were left out: they are not read as fast as they come";
  }

  private static String droppedJson(long count) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("time", Instant.now().truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("dropped", count);
    return Json.write(line);
  }
}
