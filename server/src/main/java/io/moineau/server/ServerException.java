package io.moineau.server;

import io.moineau.error.MoineauException;

/** The server cannot start or go on as it was asked to. */
public final class ServerException extends MoineauException {
  private static final long serialVersionUID = 1;

  /** An error of the four parts. */
  public ServerException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
