package io.moineau.text;

import java.util.Map;
import java.util.Objects;

/**
 * A function that a model may ask to be called.
 *
 * @param name letters, digits, {@code _} and {@code -}
 * @param description what it does, for the model; may be empty
 * @param parameters JSON Schema of the arguments, as plain values; empty for none
 * @param strict whether arguments must keep to the schema, by force
 */
public record Tool(
    String name, String description, Map<String, Object> parameters, boolean strict) {
  /** Checks that all are there. */
  public Tool {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(description, "description");
    Objects.requireNonNull(parameters, "parameters");
  }
}
