package io.moineau.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.moineau.EngineStats;
import io.moineau.Moineau;
import io.moineau.StepTotals;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/** What the engine counts itself: all figures of a scrape are of the same moment. */
final class EngineMeters {
  private final Moineau moineau;
  private volatile EngineStats stats;

  EngineMeters(Moineau moineau, MeterRegistry registry) {
    this.moineau = moineau;
    this.stats = moineau.stats();
    requests(registry);
    tokens(registry);
    blocks(registry);
    steps(registry, "decode", EngineStats::decodeSteps);
    steps(registry, "prompt", EngineStats::promptSteps);
  }

  /** Takes the figures of this moment. */
  void refresh() {
    stats = moineau.stats();
  }

  private void requests(MeterRegistry registry) {
    gauge(
        registry,
        "moineau_requests_running",
        "Requests that have keys and values and take part in steps",
        Tags.empty(),
        EngineStats::running);
    gauge(
        registry,
        "moineau_requests_waiting",
        "Requests that wait for a place: new ones, and those that lost their blocks",
        Tags.empty(),
        EngineStats::waiting);
    counter(
        registry,
        "moineau_requests_accepted",
        "Requests that the engine took",
        Tags.empty(),
        EngineStats::requests);
    counter(
        registry,
        "moineau_requests_refused",
        "Requests that were refused because the queue was full",
        Tags.empty(),
        EngineStats::refused);
    String ended = "Requests that the engine is done with";
    counter(
        registry,
        "moineau_requests_ended",
        ended,
        Tags.of("result", "finished"),
        EngineStats::finished);
    counter(
        registry,
        "moineau_requests_ended",
        ended,
        Tags.of("result", "cancelled"),
        EngineStats::cancelled);
    counter(
        registry,
        "moineau_requests_ended",
        ended,
        Tags.of("result", "failed"),
        EngineStats::failed);
    counter(
        registry,
        "moineau_preemptions",
        "How often a sequence lost its keys and values to another and was computed again",
        Tags.empty(),
        EngineStats::preemptions);
  }

  private void tokens(MeterRegistry registry) {
    String prompt = "Tokens of prompts: computed, or found in the prefix cache";
    counter(
        registry,
        "moineau_prompt_tokens",
        prompt,
        Tags.of("source", "computed"),
        now -> now.promptTokens() - now.cachedTokens());
    counter(
        registry,
        "moineau_prompt_tokens",
        prompt,
        Tags.of("source", "cached"),
        EngineStats::cachedTokens);
    counter(
        registry,
        "moineau_generated_tokens",
        "Tokens generated",
        Tags.empty(),
        EngineStats::generatedTokens);
    String drafted = "Tokens drafted and computed for requests that ended";
    counter(
        registry,
        "moineau_drafted_tokens",
        drafted,
        Tags.of("result", "accepted"),
        EngineStats::acceptedTokens);
    counter(
        registry,
        "moineau_drafted_tokens",
        drafted,
        Tags.of("result", "rejected"),
        now -> now.draftedTokens() - now.acceptedTokens());
  }

  private void blocks(MeterRegistry registry) {
    String help = "Blocks of keys and values: of running requests, kept for later, or empty";
    gauge(registry, "moineau_kv_blocks", help, Tags.of("state", "used"), EngineStats::usedBlocks);
    gauge(
        registry, "moineau_kv_blocks", help, Tags.of("state", "cached"), EngineStats::cachedBlocks);
    gauge(
        registry,
        "moineau_kv_blocks",
        help,
        Tags.of("state", "empty"),
        now -> now.freeBlocks() - now.cachedBlocks());
    gauge(
        registry,
        "moineau_kv_block_tokens",
        "Tokens that a block has room for",
        Tags.empty(),
        EngineStats::blockTokens);
  }

  private void steps(
      MeterRegistry registry, String phase, Function<EngineStats, StepTotals> totals) {
    Tags tags = Tags.of("phase", phase);
    counter(
        registry,
        "moineau_steps",
        "Forward passes: of next tokens alone (decode), or with prompts among them",
        tags,
        now -> totals.apply(now).steps());
    counter(
        registry,
        "moineau_step_seconds",
        "Time in steps",
        tags,
        now -> totals.apply(now).nanos() / 1e9);
    counter(
        registry,
        "moineau_step_tokens",
        "Tokens that went through the model, those computed again or drafted included",
        tags,
        now -> totals.apply(now).tokens());
    String read = "Bytes that steps had to read from memory";
    counter(
        registry,
        "moineau_memory_read_bytes",
        read,
        tags.and("kind", "weights"),
        now -> totals.apply(now).weightBytes());
    counter(
        registry,
        "moineau_memory_read_bytes",
        read,
        tags.and("kind", "kv"),
        now -> totals.apply(now).kvBytes());
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String help,
      Tags tags,
      ToDoubleFunction<EngineStats> value) {
    Gauge.builder(name, this, own -> value.applyAsDouble(own.stats))
        .description(help)
        .tags(tags)
        .register(registry);
  }

  private void counter(
      MeterRegistry registry,
      String name,
      String help,
      Tags tags,
      ToDoubleFunction<EngineStats> value) {
    FunctionCounter.builder(name, this, own -> value.applyAsDouble(own.stats))
        .description(help)
        .tags(tags)
        .register(registry);
  }
}
