package io.moineau.server.access;

import io.moineau.store.ApiKey;
import io.moineau.store.DayUsage;
import io.moineau.store.StoreException;
import io.moineau.store.UsageLog;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What one key has used today, what is held for its answers that run, and its rate.
 *
 * <p>Today's usage is what the store said last, what was written since, and what waits to be
 * written. Several servers may share a store: what others write is seen at the next look.
 */
final class KeyAccount {
  private final String keyId;
  private volatile ApiKey key;
  private volatile long askedAt;
  // All below are guarded by this.
  private LocalDate day = LocalDate.MIN;
  private DayUsage stored = DayUsage.none(LocalDate.MIN);
  private boolean looked;
  private long writes;
  private final Map<LocalDate, DayUsage> unwritten = new LinkedHashMap<>();
  private long held;
  private @Nullable TokenBucket bucket;

  KeyAccount(ApiKey key) {
    this.keyId = key.id();
    this.key = key;
  }

  ApiKey key() {
    return key;
  }

  /** The key as it is now; it has just been used. */
  void seen(ApiKey now, long nowMillis) {
    key = now;
    askedAt = nowMillis;
  }

  boolean askedSince(long thenMillis) {
    return askedAt >= thenMillis;
  }

  static LocalDate day(Instant time) {
    return LocalDate.ofInstant(time, ZoneOffset.UTC);
  }

  /** When the budget of a day begins anew. */
  static Instant reset(Instant time) {
    return day(time).plusDays(1).atStartOfDay(ZoneOffset.UTC).toInstant();
  }

  /** Reads what the store has of today, unless it is known. */
  void open(UsageLog log, Instant now) {
    LocalDate today = day(now);
    synchronized (this) {
      if (!today.equals(day)) {
        day = today;
        stored = DayUsage.none(today);
        looked = false;
      }
      if (looked) {
        return;
      }
    }
    look(log);
  }

  /**
   * Looks at what the store has. Where something is being written at the same time it may count
   * twice, until the next look. Nobody waits for the store here but the caller: the thread that
   * makes tokens asks this account too.
   */
  void look(UsageLog log) {
    while (true) {
      LocalDate asked;
      long before;
      synchronized (this) {
        asked = day;
        before = writes;
      }
      DayUsage found;
      try {
        found = log.day(keyId, asked);
      } catch (StoreException e) {
        // It is away. What this server counts itself goes on; the rest is seen when it is back.
        synchronized (this) {
          looked = false;
        }
        return;
      }
      synchronized (this) {
        if (asked.equals(day) && before == writes) {
          stored = found;
          looked = true;
          return;
        } // else what was found may be without what was written meanwhile
      }
    }
  }

  /** What was used today. */
  synchronized DayUsage today() {
    DayUsage waits = unwritten.get(day);
    return waits == null ? stored : plus(stored, waits);
  }

  /** Tokens used on a day, as far as is known without asking the store. */
  synchronized long tokensOn(LocalDate date) {
    return date.equals(day) ? today().tokens() : 0;
  }

  synchronized long held() {
    return held;
  }

  /** Holds tokens for an answer. */
  synchronized void hold(long tokens) {
    held += tokens;
  }

  /** Holds as many tokens as are left, up to a number; all of them for a key without a budget. */
  synchronized long holdUpTo(long most) {
    long granted = Math.min(most, left().orElse(most));
    held += granted;
    return granted;
  }

  /** Gives back what was held, and notes what was used instead. */
  synchronized void settle(long tokens, DayUsage used) {
    held -= tokens;
    unwritten.merge(used.day(), used, KeyAccount::plus);
  }

  private static DayUsage plus(DayUsage one, DayUsage other) {
    return new DayUsage(
        one.day(),
        one.promptTokens() + other.promptTokens(),
        one.completionTokens() + other.completionTokens(),
        one.requests() + other.requests());
  }

  /** Tokens that can still be asked for; empty for any number. */
  synchronized OptionalLong left() {
    OptionalLong most = key.tokensPerDay();
    return most.isEmpty()
        ? most
        : OptionalLong.of(Math.max(0, most.getAsLong() - today().tokens() - held));
  }

  /** The rate's bucket; null for a key without one. */
  synchronized @Nullable TokenBucket bucket(long nowMillis) {
    if (key.requestsPerMinute().isEmpty()) {
      bucket = null;
    } else if (bucket == null || bucket.perMinute() != key.requestsPerMinute().getAsInt()) {
      bucket = new TokenBucket(key.requestsPerMinute().getAsInt(), nowMillis);
    }
    return bucket;
  }

  /** Writes what waits; called by one thread. What is being written counts as used throughout. */
  void write(UsageLog log) {
    List<DayUsage> all;
    synchronized (this) {
      all = new ArrayList<>(unwritten.values());
    }
    for (DayUsage some : all) {
      log.add(keyId, some.day(), some.promptTokens(), some.completionTokens(), some.requests());
      synchronized (this) {
        DayUsage now = unwritten.getOrDefault(some.day(), some);
        DayUsage more =
            new DayUsage(
                some.day(),
                now.promptTokens() - some.promptTokens(),
                now.completionTokens() - some.completionTokens(),
                now.requests() - some.requests());
        if (more.equals(DayUsage.none(some.day()))) {
          unwritten.remove(some.day());
        } else {
          unwritten.put(some.day(), more);
        }
        writes++;
        if (some.day().equals(day)) {
          stored = plus(stored, some);
        }
      }
    }
  }

  synchronized boolean waits() {
    return !unwritten.isEmpty();
  }
}
