package io.moineau.plan;

import io.moineau.error.MoineauException;

/** A file of chips or rules that cannot be used, or a question that cannot be asked of them. */
public class PlanException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public PlanException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
