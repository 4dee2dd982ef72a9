package io.moineau.plan.capacity;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a question.
 *
 * @param question that was asked
 * @param choices that fit and meet the limits, each with its best batch: most output first
 * @param curve what fits and no other surpasses in both throughput and time per token: from the
 *     fastest for a user to the most output; limits aside
 * @param reasons why there are no choices, and what would help; empty where there are
 */
public record Plan(
    Question question, List<Estimate> choices, List<Estimate> curve, List<String> reasons) {
  /** Makes its own copies. */
  public Plan {
    choices = List.copyOf(choices);
    curve = List.copyOf(curve);
    reasons = List.copyOf(reasons);
  }

  /** The choice with the most output. */
  public Optional<Estimate> best() {
    return choices.stream().findFirst();
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("question", question.json());
    json.put("chip", question.device().json());
    json.put("weight_bytes", question.weightBytes());
    json.put(
        "kv_bytes_per_token", question.model().keptPerToken() * question.kv().bytesPerParameter());
    json.put("best", best().map(Estimate::json).orElse(null));
    json.put("choices", choices.stream().map(Estimate::json).toList());
    json.put("curve", curve.stream().map(Estimate::json).toList());
    json.put("reasons", reasons);
    return json;
  }
}
