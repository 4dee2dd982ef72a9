package io.moineau.bench.plan;

import io.moineau.plan.capacity.Measurement;
import io.moineau.plan.capacity.Replay;

/**
 * A row and what was estimated for it.
 *
 * @param row of the measurements
 * @param left estimate over measurement, by factors that were fitted without the row's source
 * @param fitted the same by factors that were fitted on all rows
 */
record Scored(Replay.Row row, double left, double fitted) {
  Measurement measurement() {
    return row.measurement();
  }

  String source() {
    return Fit.source(row);
  }

  /** Sorts of figures that are off by different amounts. */
  String phase() {
    return switch (measurement().load().phase()) {
      case PREFILL, PREFILL_LATENCY -> "prefill";
      case DECODE -> "decode";
      case MEMORY_MODEL -> "memory";
      default -> "system";
    };
  }

  String family() {
    return row.family();
  }
}
