package io.moineau.text.jinja;

/** A template that does not compile: Jinja's TemplateSyntaxError. */
public final class SyntaxError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int line;

  SyntaxError(String message, int line) {
    super(message, null, false, false);
    this.line = line;
  }

  /** The line of the source, from 1. */
  public int line() {
    return line;
  }
}
