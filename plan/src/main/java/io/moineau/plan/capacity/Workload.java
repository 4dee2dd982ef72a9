package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What each request is like.
 *
 * @param inputTokens of the prompt, 1 or more
 * @param outputTokens that are generated, 1 or more
 * @param cachedShare of the prompt that a prefix cache has, from 0 to below 1
 */
public record Workload(int inputTokens, int outputTokens, double cachedShare) {
  private static final int MOST = 100_000_000;

  /** Checks the limits. */
  public Workload {
    if (inputTokens < 1 || outputTokens < 1 || inputTokens > MOST || outputTokens > MOST) {
      throw new PlanException(
          "plan-bad-question",
          "a request has a wrong number of tokens",
          "input " + inputTokens + ", output " + outputTokens,
          "1 to " + MOST + " of each",
          "correct the lengths of a prompt and of an answer");
    }
    if (!(cachedShare >= 0 && cachedShare < 1)) {
      throw new PlanException(
          "plan-bad-question",
          "a wrong share of the prompt is in the cache",
          String.valueOf(cachedShare),
          "0 to below 1",
          "give the share as 0.5, or leave it out");
    }
  }

  /** Without a cache. */
  public Workload(int inputTokens, int outputTokens) {
    this(inputTokens, outputTokens, 0);
  }

  /** Tokens of a prompt that must be computed. */
  double computedTokens() {
    return inputTokens * (1 - cachedShare);
  }

  /** Positions that a token of the prompt attends to, on average. */
  double promptContext() {
    return inputTokens * cachedShare + computedTokens() / 2;
  }

  /** Positions that a generated token attends to, on average. */
  double decodeContext() {
    return inputTokens + outputTokens / 2.0;
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("input_tokens", inputTokens);
    json.put("output_tokens", outputTokens);
    json.put("cached_share", cachedShare);
    return json;
  }
}
