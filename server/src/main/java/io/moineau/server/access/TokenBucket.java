package io.moineau.server.access;

/**
 * So many requests in a minute: a bucket that holds as many, fills evenly, and gives one to each
 * request. Not safe for several threads.
 */
final class TokenBucket {
  private static final double MINUTE_MILLIS = 60_000;

  private final int perMinute;
  private double level;
  private long filledAt;

  /** A full one. */
  TokenBucket(int perMinute, long nowMillis) {
    this.perMinute = perMinute;
    this.level = perMinute;
    this.filledAt = nowMillis;
  }

  int perMinute() {
    return perMinute;
  }

  private void fill(long nowMillis) {
    long passed = Math.max(0, nowMillis - filledAt); // a clock may be set back
    level = Math.min(perMinute, level + passed * perMinute / MINUTE_MILLIS);
    filledAt = nowMillis;
  }

  /** Takes one if there is one. */
  boolean take(long nowMillis) {
    fill(nowMillis);
    if (level < 1) {
      return false;
    }
    level--;
    return true;
  }

  /** How many may be taken now. */
  int left(long nowMillis) {
    fill(nowMillis);
    return (int) level;
  }

  /** Milliseconds until one can be taken; 0 for now. */
  long millisUntilOne(long nowMillis) {
    fill(nowMillis);
    return level >= 1 ? 0 : (long) Math.ceil((1 - level) * MINUTE_MILLIS / perMinute);
  }

  /** Milliseconds until it is full. */
  long millisUntilFull(long nowMillis) {
    fill(nowMillis);
    return (long) Math.ceil((perMinute - level) * MINUTE_MILLIS / perMinute);
  }
}
