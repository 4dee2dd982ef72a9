package io.moineau.bench.serve;

import java.util.Arrays;
import java.util.Locale;

/**
 * Of measured values, in milliseconds; zeros where nothing was measured.
 *
 * @param count how many
 */
record Quantiles(int count, double p50, double p95, double p99, double largest) {
  /** Of nanoseconds, by nearest rank. */
  static Quantiles ofNanos(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Quantiles(
        sorted.length,
        millis(sorted, 0.50),
        millis(sorted, 0.95),
        millis(sorted, 0.99),
        millis(sorted, 1));
  }

  private static double millis(long[] sorted, double share) {
    if (sorted.length == 0) {
      return 0;
    }
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(1, rank) - 1] / 1e6;
  }

  /** {@code 12.3 / 15.0 / 40.2}. */
  String text() {
    return String.format(Locale.ROOT, "%.1f / %.1f / %.1f", p50, p95, p99);
  }
}
