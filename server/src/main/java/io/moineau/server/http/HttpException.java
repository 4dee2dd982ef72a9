package io.moineau.server.http;

import io.moineau.error.MoineauException;

/** A request that cannot be read. */
public final class HttpException extends MoineauException {
  private static final long serialVersionUID = 1;

  private final int status;

  /** An error of the four parts, with the status that tells it. */
  public HttpException(
      int status, String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
    this.status = status;
  }

  /** The status of the answer. */
  public int status() {
    return status;
  }
}
