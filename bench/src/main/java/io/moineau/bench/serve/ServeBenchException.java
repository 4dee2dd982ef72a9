package io.moineau.bench.serve;

import io.moineau.error.MoineauException;

/** What a run of many users cannot do. */
public final class ServeBenchException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public ServeBenchException(
      String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }

  static ServeBenchException usage(String what, String where, String allowed) {
    return new ServeBenchException("usage", what, where, allowed, "see --help");
  }
}
