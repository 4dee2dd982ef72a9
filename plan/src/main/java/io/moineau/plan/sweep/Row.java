package io.moineau.plan.sweep;

import io.moineau.plan.capacity.Layout;
import io.moineau.plan.capacity.Outcome;
import io.moineau.plan.capacity.Question;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A configuration of a sweep, and what it comes to.
 *
 * @param index its number in the sweep
 * @param cell the question
 * @param layout of the chips
 * @param batch sequences in flight in all
 * @param outcome what it comes to
 */
public record Row(long index, Cell cell, Layout layout, double batch, Outcome outcome) {
  /** Output tokens a second divided by the chips in use. */
  public double perChip() {
    return outcome.outputTokensPerSecond() / layout.chips();
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Question question = cell.question();
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("index", index);
    json.put("count", question.count());
    json.put("weights", question.weights().name());
    json.put("kv", question.kv().name());
    json.put("layout", layout.text());
    json.put("batch", batch);
    json.put("meets", outcome.meets());
    json.put("memory_share", outcome.memoryShare());
    json.put("ttft_seconds", outcome.ttft());
    json.put("tpot_seconds", outcome.tpot());
    json.put("prefill_tokens_per_second", outcome.prefillTokensPerSecond());
    json.put("decode_tokens_per_second", outcome.decodeTokensPerSecond());
    json.put("output_tokens_per_second", outcome.outputTokensPerSecond());
    json.put("output_tokens_per_second_per_chip", perChip());
    json.put("bound", outcome.bound().name().toLowerCase(java.util.Locale.ROOT));
    json.put("watts", known(outcome.watts()));
    json.put("joules_per_token", known(outcome.joulesPerToken()));
    json.put("usd_per_million_tokens", known(outcome.usdPerMillionTokens()));
    return json;
  }

  private static @Nullable Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
