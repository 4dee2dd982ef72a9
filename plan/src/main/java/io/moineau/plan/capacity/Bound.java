package io.moineau.plan.capacity;

import java.util.Locale;

/** What an operator or a phase waits for most. */
public enum Bound {
  /** Arithmetic. */
  COMPUTE,
  /** Bandwidth of memory. */
  MEMORY,
  /** Links and networks between chips. */
  NETWORK,
  /** Times that no bandwidth shortens: launches, synchronising. */
  LATENCY;

  /** In small letters. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
