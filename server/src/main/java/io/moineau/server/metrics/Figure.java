package io.moineau.server.metrics;

import java.util.Map;
import java.util.Objects;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * A figure that some other part of the program keeps, and {@code /metrics} shows.
 *
 * @param name as Prometheus has it, such as {@code moineau_store_up}; of a counter without {@code
 *     _total}, which is added
 * @param help what it is, in a sentence
 * @param counter whether it only grows
 * @param label the name of its label; empty for a figure without one
 * @param values by the value of the label, asked at each scrape; from any thread
 */
public record Figure(
    String name, String help, boolean counter, String label, Supplier<Map<String, Double>> values) {
  /** Checks that all are there. */
  public Figure {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(help, "help");
    Objects.requireNonNull(label, "label");
    Objects.requireNonNull(values, "values");
    if (counter && !label.isEmpty()) {
      throw new IllegalArgumentException("a counter has no label: name=" + name);
    }
  }

  /** One that goes up and down. */
  public static Figure gauge(String name, String help, DoubleSupplier value) {
    return new Figure(name, help, false, "", () -> Map.of("", value.getAsDouble()));
  }

  /** One that only grows. */
  public static Figure counter(String name, String help, DoubleSupplier value) {
    return new Figure(name, help, true, "", () -> Map.of("", value.getAsDouble()));
  }

  /** One that goes up and down, with a value for each value of a label. */
  public static Figure gauges(
      String name, String help, String label, Supplier<Map<String, Double>> values) {
    return new Figure(name, help, false, label, values);
  }
}
