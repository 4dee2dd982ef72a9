package io.moineau.store;

import io.moineau.error.MoineauException;
import java.util.Set;

/** What the store cannot do. */
public final class StoreException extends MoineauException {
  private static final long serialVersionUID = 1L;

  private static final Set<String> TRANSIENT =
      Set.of("store-unreachable", "store-full", "store-locked", "store-busy");

  /** See {@link MoineauException}. */
  public StoreException(String code, String what, String where, String allowed, String action) {
    super(code, what, where, allowed, action);
  }

  /**
   * Whether the same call may succeed later without anybody changing the configuration: the
   * database is away, full, locked or busy for now.
   */
  public boolean isTransient() {
    return TRANSIENT.contains(code());
  }

  /** The same error thrown again elsewhere: with the stack of the new place. */
  StoreException again() {
    return new StoreException(code(), what(), where(), allowed(), action());
  }
}
