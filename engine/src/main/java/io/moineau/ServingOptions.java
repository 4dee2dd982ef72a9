package io.moineau;

import io.moineau.engine.EngineException;
import java.time.Duration;
import java.util.Objects;

/**
 * How an engine behaves when many ask at once. Start from {@link #defaults()} and change what
 * matters.
 *
 * @param kvTokens tokens of keys and values that all sequences share, at least one whole context; 0
 *     for one context where one sequence runs at once, and more, as memory allows, where several do
 * @param maxWaiting most requests that wait while others run; one more is refused with {@code
 *     engine-busy}
 * @param queueTimeout how long a request may wait before its first token is computed; zero for ever
 * @param stepStretch how many times as long as a step that only generates a step may take, by
 *     estimate, when it also computes chunks of prompts; 0 for no such bound
 * @param prefixCache what is kept of beginnings that were computed
 */
public record ServingOptions(
    int kvTokens,
    int maxWaiting,
    Duration queueTimeout,
    double stepStretch,
    PrefixCacheOptions prefixCache) {
  private static final ServingOptions DEFAULTS =
      new ServingOptions(0, 1024, Duration.ZERO, 2.0, PrefixCacheOptions.defaults());

  /**
   * Checks the values.
   *
   * @throws EngineException {@code option-out-of-range} with the value and the range
   */
  public ServingOptions {
    Objects.requireNonNull(queueTimeout, "queueTimeout");
    Objects.requireNonNull(prefixCache, "prefixCache");
    check(kvTokens >= 0, "kvTokens", kvTokens, "0 (automatic) or more");
    check(maxWaiting >= 0 && maxWaiting <= 1_000_000, "maxWaiting", maxWaiting, "0 to 1000000");
    check(!queueTimeout.isNegative(), "queueTimeout", queueTimeout, "0 (for ever) or more");
    check(
        stepStretch == 0 || (stepStretch >= 1 && stepStretch <= 1e6),
        "stepStretch",
        stepStretch,
        "0 (no bound), or 1 to 1000000");
  }

  static void check(boolean right, String name, Object value, String allowed) {
    if (!right) {
      throw new EngineException(
          "option-out-of-range",
          "an option for serving a model is out of range",
          name + "=" + value,
          allowed,
          "correct it");
    }
  }

  /** Room as memory allows, 1,024 may wait for ever, everything cached that there is room for. */
  public static ServingOptions defaults() {
    return DEFAULTS;
  }

  /** The same with room for so many tokens in all; 0 for automatic. */
  public ServingOptions withKvTokens(int value) {
    return new ServingOptions(value, maxWaiting, queueTimeout, stepStretch, prefixCache);
  }

  /** The same with another bound of the queue. */
  public ServingOptions withMaxWaiting(int value) {
    return new ServingOptions(kvTokens, value, queueTimeout, stepStretch, prefixCache);
  }

  /** The same with another time that a request may wait; zero for ever. */
  public ServingOptions withQueueTimeout(Duration value) {
    return new ServingOptions(kvTokens, maxWaiting, value, stepStretch, prefixCache);
  }

  /** The same with another bound of a step's time; 0 for none. */
  public ServingOptions withStepStretch(double value) {
    return new ServingOptions(kvTokens, maxWaiting, queueTimeout, value, prefixCache);
  }

  /** The same with another prefix cache. */
  public ServingOptions withPrefixCache(PrefixCacheOptions value) {
    return new ServingOptions(kvTokens, maxWaiting, queueTimeout, stepStretch, value);
  }
}
