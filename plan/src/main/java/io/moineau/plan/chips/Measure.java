package io.moineau.plan.chips;

import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A quantity that a rule defines, computed from figures.
 *
 * @param value from the best known figures; empty where a figure has only a range
 * @param low the lowest that the figures allow
 * @param high the highest
 * @param from what it was computed from: {@code fp8 1979 x 8 bit}
 */
public record Measure(Optional<BigDecimal> value, BigDecimal low, BigDecimal high, String from) {
  /** {@code 15832}, or with its range. */
  public String text() {
    return Figure.text(value, low, high);
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("value", value.orElse(null));
    json.put("low", low);
    json.put("high", high);
    json.put("from", from);
    return json;
  }
}
