package io.moineau.plan.capacity;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * A published measurement beside a question.
 *
 * @param measurement the row
 * @param distance 0 for the same setup and load, and more the less it has in common
 * @param differences what is not the same: {@code 16 chips, not 8}
 * @param ratio what this planner estimates for that very row, over what was measured; empty where
 *     the row lacks what an estimate needs
 */
public record Near(
    Measurement measurement, double distance, List<String> differences, OptionalDouble ratio) {
  /** Copies the list. */
  public Near {
    differences = List.copyOf(differences);
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("measurement", measurement.json());
    json.put("title", measurement.title());
    json.put("distance", distance);
    json.put("differences", differences);
    ratio.ifPresent(value -> json.put("estimate_over_measurement", value));
    return json;
  }
}
