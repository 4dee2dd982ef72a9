package io.moineau.server.api;

import io.moineau.error.MoineauException;

/** Nobody waits for the answer any more: it was cancelled, and nothing is told. */
public final class ClientGoneException extends MoineauException {
  private static final long serialVersionUID = 1;

  /** The client is gone. */
  public ClientGoneException() {
    super("client-gone", "the client closed the connection", "", "", "");
  }
}
