package io.moineau;

import java.util.Objects;

/**
 * Whether the model may, must or must not call tools.
 *
 * @param kind which of these
 * @param name the tool that must be called, for {@link Kind#NAMED}; empty elsewhere
 */
public record ToolChoice(Kind kind, String name) {
  /** May, must, must not, or must this one. */
  public enum Kind {
    /** The model decides. */
    AUTO,
    /** No tool is called, nor told to the model. */
    NONE,
    /** At least one is called. */
    REQUIRED,
    /** This one is called. */
    NAMED
  }

  /** The model decides. */
  public static final ToolChoice AUTO = new ToolChoice(Kind.AUTO, "");

  /** No tool is called. */
  public static final ToolChoice NONE = new ToolChoice(Kind.NONE, "");

  /** At least one tool is called. */
  public static final ToolChoice REQUIRED = new ToolChoice(Kind.REQUIRED, "");

  /** Checks that both are there. */
  public ToolChoice {
    Objects.requireNonNull(kind, "kind");
    Objects.requireNonNull(name, "name");
  }

  /** This tool is called. */
  public static ToolChoice named(String name) {
    return new ToolChoice(Kind.NAMED, name);
  }
}
