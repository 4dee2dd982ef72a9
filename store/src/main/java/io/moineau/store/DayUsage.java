package io.moineau.store;

import java.time.LocalDate;

/**
 * What one key used on one day in UTC.
 *
 * @param day the day
 * @param promptTokens tokens of prompts, whether computed or found in the cache
 * @param completionTokens tokens made
 * @param requests answers counted
 */
public record DayUsage(LocalDate day, long promptTokens, long completionTokens, long requests) {
  /** Nothing used. */
  public static DayUsage none(LocalDate day) {
    return new DayUsage(day, 0, 0, 0);
  }

  /** Prompt and completion tokens together, as budgets count them. */
  public long tokens() {
    return promptTokens + completionTokens;
  }

  DayUsage plus(DayUsage other) {
    return new DayUsage(
        day,
        promptTokens + other.promptTokens,
        completionTokens + other.completionTokens,
        requests + other.requests);
  }

  DayUsage minus(DayUsage other) {
    return new DayUsage(
        day,
        promptTokens - other.promptTokens,
        completionTokens - other.completionTokens,
        requests - other.requests);
  }
}
