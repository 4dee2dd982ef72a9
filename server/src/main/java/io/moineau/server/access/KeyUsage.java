package io.moineau.server.access;

import io.moineau.store.ApiKey;
import io.moineau.store.DayUsage;
import java.time.Instant;
import java.util.List;

/**
 * What a key has used and may use.
 *
 * @param key without its secret
 * @param today since midnight in UTC
 * @param reset when its budget begins anew
 * @param days the last thirty on which it was used, today included
 */
public record KeyUsage(ApiKey key, DayUsage today, Instant reset, List<DayUsage> days) {
  /** Copies the list. */
  public KeyUsage {
    days = List.copyOf(days);
  }
}
