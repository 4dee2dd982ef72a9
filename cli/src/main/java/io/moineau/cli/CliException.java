package io.moineau.cli;

import io.moineau.error.MoineauException;

/** What a command cannot do, beyond what the engine itself refuses. */
public final class CliException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public CliException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
