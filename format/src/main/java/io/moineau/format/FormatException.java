package io.moineau.format;

import io.moineau.error.MoineauException;

/** A model file that is damaged, of an unknown form, or cannot be read or written. */
public final class FormatException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public FormatException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
