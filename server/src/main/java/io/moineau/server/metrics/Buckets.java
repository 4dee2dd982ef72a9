package io.moineau.server.metrics;

import java.time.Duration;
import java.util.stream.LongStream;

/**
 * Upper bounds of histograms. Processors answer a small model in milliseconds and a large one in
 * minutes, so each has room for both; a bucket is at most 2.5 times the one before where most
 * answers are.
 */
final class Buckets {
  private Buckets() {}

  /** The wait for a place: nothing, a step, or somebody's answer. */
  static Duration[] queue() {
    return millis(1, 5, 10, 50, 100, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 300_000);
  }

  /** Until the first token: a cached beginning, or a long prompt on a large model. */
  static Duration[] firstToken() {
    return millis(
        5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000,
        300_000);
  }

  /** One token to the next: 1,000 per second to one in 5 seconds. */
  static Duration[] perToken() {
    return millis(1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 200, 300, 500, 1_000, 2_000, 5_000);
  }

  /** Whole answers and whole requests. */
  static Duration[] whole() {
    return millis(
        5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000,
        600_000, 1_800_000);
  }

  /** Tokens of one request. */
  static double[] tokens() {
    return LongStream.of(1, 4, 16, 64, 256, 512, 1024, 2048, 4096, 8192, 16_384, 32_768, 131_072)
        .asDoubleStream()
        .toArray();
  }

  private static Duration[] millis(long... bounds) {
    return LongStream.of(bounds).mapToObj(Duration::ofMillis).toArray(Duration[]::new);
  }
}
