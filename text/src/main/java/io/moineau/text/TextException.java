package io.moineau.text;

import io.moineau.error.MoineauException;

/** A tokenizer or template that cannot be used, or input that they refuse. */
public class TextException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public TextException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
