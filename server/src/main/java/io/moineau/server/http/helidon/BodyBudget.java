package io.moineau.server.http.helidon;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Memory for the bodies of all requests together: many large ones at once must not take the heap
 * from those that are answered already.
 */
final class BodyBudget {
  private final long most;
  private final AtomicLong taken = new AtomicLong();

  BodyBudget(long most) {
    this.most = most;
  }

  /** Takes so many bytes, or none and says so. */
  boolean take(long bytes) {
    if (taken.addAndGet(bytes) <= most) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  /** Gives back what was taken. */
  void give(long bytes) {
    taken.addAndGet(-bytes);
  }

  /** Bytes that are taken. */
  long taken() {
    return taken.get();
  }
}
