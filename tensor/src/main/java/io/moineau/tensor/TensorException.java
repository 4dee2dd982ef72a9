package io.moineau.tensor;

import io.moineau.error.MoineauException;

/** A shape, type or view that cannot be. */
public final class TensorException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public TensorException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
