package io.moineau.engine;

import io.moineau.error.MoineauException;

/** A request that cannot be served. */
public class EngineException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public EngineException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
