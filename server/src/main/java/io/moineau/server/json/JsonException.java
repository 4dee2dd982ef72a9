package io.moineau.server.json;

import io.moineau.error.MoineauException;

/** A request whose JSON is not what it must be. */
public final class JsonException extends MoineauException {
  private static final long serialVersionUID = 1;

  private final String path;

  /** An error of the four parts at a path such as {@code messages[0].role}; empty for the whole. */
  public JsonException(
      String code, String path, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
    this.path = path;
  }

  /** Where in the request; empty for the whole of it. */
  public String path() {
    return path;
  }
}
