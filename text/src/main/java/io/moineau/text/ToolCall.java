package io.moineau.text;

import java.util.Objects;

/**
 * A model's wish that a function be called.
 *
 * @param id names this call, so that its result can be given back to it; may be empty
 * @param name of the function
 * @param arguments JSON text of an object
 */
public record ToolCall(String id, String name, String arguments) {
  /** Checks that all are there. */
  public ToolCall {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(arguments, "arguments");
  }
}
