package io.moineau.server.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.moineau.FinishReason;
import io.moineau.Timings;
import io.moineau.Usage;
import io.moineau.server.access.AnswerEnd;
import io.moineau.server.access.Caller;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** What each answer took. */
final class AnswerMeters {
  private static final String ENDED = "moineau_answers";
  private static final String KEY_TOKENS = "moineau_key_tokens";
  private static final String FAILED = "error";

  private final MeterRegistry registry;
  private final boolean perKey;
  private final Timer firstToken;
  private final Timer perToken;
  private final Timer queue;
  private final Timer prefill;
  private final Timer decode;
  private final Timer whole;
  private final DistributionSummary promptTokens;
  private final DistributionSummary generatedTokens;

  AnswerMeters(MeterRegistry registry, boolean perKey) {
    this.registry = registry;
    this.perKey = perKey;
    firstToken =
        timer(
            "moineau_time_to_first_token",
            "From submission until the first token was chosen: the wait and the prompt",
            Buckets.firstToken());
    perToken =
        timer(
            "moineau_time_per_output_token",
            "Mean time from one token of an answer to the next",
            Buckets.perToken());
    queue =
        timer(
            "moineau_queue_time",
            "From submission until the first tokens were computed",
            Buckets.queue());
    prefill =
        timer(
            "moineau_prefill_time",
            "From there until the prompt was computed and the first token chosen",
            Buckets.firstToken());
    decode = timer("moineau_decode_time", "From the first token until the last", Buckets.whole());
    whole = timer("moineau_answer_time", "From submission until the last token", Buckets.whole());
    promptTokens =
        summary("moineau_answer_prompt_tokens", "Tokens of a prompt, cached ones included");
    generatedTokens = summary("moineau_answer_generated_tokens", "Tokens of an answer");
    for (String reason : reasons()) {
      ended(reason);
    }
  }

  /** Every value of the label {@code finish_reason}. */
  static List<String> reasons() {
    List<String> all = new ArrayList<>();
    for (FinishReason reason : FinishReason.values()) {
      all.add(reason.word());
    }
    all.add(FAILED);
    return all;
  }

  void ended(AnswerEnd end) {
    Optional<FinishReason> reason = end.finishReason();
    ended(reason.map(FinishReason::word).orElse(FAILED)).increment();
    Usage usage = end.usage();
    if (perKey) {
      keys(end.caller(), usage);
    }
    if (reason.isEmpty()) {
      return;
    }
    promptTokens.record(usage.promptTokens());
    if (usage.completionTokens() == 0) {
      return; // vectors, and what was cancelled while it waited
    }
    generatedTokens.record(usage.completionTokens());
    times(end.timings());
  }

  private void times(Timings timings) {
    queue.record(timings.queueNanos(), TimeUnit.NANOSECONDS);
    prefill.record(timings.prefillNanos(), TimeUnit.NANOSECONDS);
    long first = timings.queueNanos() + timings.prefillNanos();
    firstToken.record(first, TimeUnit.NANOSECONDS);
    whole.record(first + timings.decodeNanos(), TimeUnit.NANOSECONDS);
    if (timings.decodeTokens() > 0) {
      decode.record(timings.decodeNanos(), TimeUnit.NANOSECONDS);
      perToken.record(timings.decodeNanos() / timings.decodeTokens(), TimeUnit.NANOSECONDS);
    }
  }

  private void keys(Caller caller, Usage usage) {
    String key = caller.name().isEmpty() ? caller.keyId() : caller.name();
    tokens(key, "prompt").increment(usage.promptTokens());
    tokens(key, "generated").increment(usage.completionTokens());
  }

  private Counter tokens(String key, String kind) {
    return Counter.builder(KEY_TOKENS)
        .description("Tokens by the name of the key; empty for requests without one")
        .tags("key", key, "kind", kind)
        .register(registry);
  }

  private Counter ended(String reason) {
    return Counter.builder(ENDED)
        .description("Answers at their end, by OpenAI's words for why they ended")
        .tag("finish_reason", reason)
        .register(registry);
  }

  private Timer timer(String name, String help, Duration[] buckets) {
    return Timer.builder(name).description(help).serviceLevelObjectives(buckets).register(registry);
  }

  private DistributionSummary summary(String name, String help) {
    return DistributionSummary.builder(name)
        .description(help)
        .serviceLevelObjectives(Buckets.tokens())
        .register(registry);
  }
}
