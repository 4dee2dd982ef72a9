package io.moineau.kernels;

import io.moineau.error.MoineauException;

/** A kernel that was asked for what it cannot do, or a provider that cannot be had. */
public final class KernelException extends MoineauException {
  private static final long serialVersionUID = 1L;

  /** See {@link MoineauException}. */
  public KernelException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }
}
