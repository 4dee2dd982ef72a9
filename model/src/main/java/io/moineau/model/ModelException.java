package io.moineau.model;

import io.moineau.error.MoineauException;

/** A model that cannot be loaded or run. */
public class ModelException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public ModelException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
