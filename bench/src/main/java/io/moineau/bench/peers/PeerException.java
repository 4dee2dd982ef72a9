package io.moineau.bench.peers;

import io.moineau.error.MoineauException;

/** What the comparison with other programs cannot do. */
public final class PeerException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public PeerException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
