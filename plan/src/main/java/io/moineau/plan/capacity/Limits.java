package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What users are promised.
 *
 * @param ttftSeconds the most until the first token
 * @param tpotSeconds the most for each later token, on average over an answer
 * @param nearlyAll whether 99 of 100 requests that arrive at random must keep the limits, as in
 *     MLPerf's server scenario; otherwise the mean must, of requests that arrive evenly
 */
public record Limits(OptionalDouble ttftSeconds, OptionalDouble tpotSeconds, boolean nearlyAll) {
  /** No limit. */
  public static final Limits NONE = new Limits(OptionalDouble.empty(), OptionalDouble.empty());

  /** Checks that limits can be met at all. */
  public Limits {
    check("time to first token", ttftSeconds);
    check("time per output token", tpotSeconds);
  }

  /** For the mean. */
  public Limits(OptionalDouble ttftSeconds, OptionalDouble tpotSeconds) {
    this(ttftSeconds, tpotSeconds, false);
  }

  /** The same limits, for nearly all requests. */
  public Limits forNearlyAll() {
    return new Limits(ttftSeconds, tpotSeconds, true);
  }

  private static void check(String name, OptionalDouble seconds) {
    if (seconds.isPresent()
        && !(seconds.getAsDouble() > 0 && Double.isFinite(seconds.getAsDouble()))) {
      throw new PlanException(
          "plan-bad-question",
          "a limit cannot be met by anything",
          name + " " + seconds.getAsDouble() + " s",
          "more than 0",
          "give a time in seconds, or leave the limit out");
    }
  }

  /** Both limits, in seconds. */
  public static Limits of(double ttftSeconds, double tpotSeconds) {
    return new Limits(OptionalDouble.of(ttftSeconds), OptionalDouble.of(tpotSeconds));
  }

  boolean met(double ttft, double tpot, Factors factors) {
    double share = nearlyAll ? factors.tail : 1; // of the limit that the mean may take
    return ttft <= ttftSeconds.orElse(Double.POSITIVE_INFINITY) * share
        && tpot <= tpotSeconds.orElse(Double.POSITIVE_INFINITY) * share;
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("ttft_seconds", Range.plain(ttftSeconds.orElse(Double.NaN)));
    json.put("tpot_seconds", Range.plain(tpotSeconds.orElse(Double.NaN)));
    json.put("limits_hold_for", nearlyAll ? "99 of 100" : "mean");
    return json;
  }
}
