package io.moineau.text.jinja;

/** An error that Python would raise while a template runs. */
public final class PyError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Which of Python's or Jinja's exceptions. */
  public enum Kind {
    /** {@code raise_exception} was called. */
    RAISED,
    /** TypeError. */
    TYPE,
    /** ValueError. */
    VALUE,
    /** KeyError or IndexError. */
    LOOKUP,
    /** ZeroDivisionError. */
    ZERO_DIVISION,
    /** OverflowError. */
    OVERFLOW,
    /** Jinja's UndefinedError. */
    UNDEFINED,
    /** Jinja's SecurityError. */
    SECURITY,
    /** Jinja's TemplateRuntimeError and others. */
    RUNTIME,
    /** A limit of this interpreter. */
    LIMIT
  }

  private final Kind kind;

  PyError(Kind kind, String message) {
    super(message, null, false, false);
    this.kind = kind;
  }

  static PyError type(String message) {
    return new PyError(Kind.TYPE, message);
  }

  static PyError value(String message) {
    return new PyError(Kind.VALUE, message);
  }

  static PyError lookup(String message) {
    return new PyError(Kind.LOOKUP, message);
  }

  static PyError runtime(String message) {
    return new PyError(Kind.RUNTIME, message);
  }

  static PyError limit(String message) {
    return new PyError(Kind.LIMIT, message);
  }

  /** Which exception. */
  public Kind kind() {
    return kind;
  }
}
