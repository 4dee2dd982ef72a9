package io.moineau.adapt;

import io.moineau.error.MoineauException;

/** A training that cannot begin or go on. */
public class AdaptException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public AdaptException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
