package io.moineau.engine;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Bounds how many requests are on their way, so that an overload is told at the door and at once
 * instead of in a queue that only grows. Entered by any thread, left on the engine's.
 */
final class AdmissionGate {
  private static final double NEW_SHARE = 0.2; // of the newest interval in the mean
  private static final int MOST_SECONDS = 600;

  private final int maxSequences;
  private final int maxWaiting;
  private final AtomicInteger inFlight = new AtomicInteger();
  private long lastLeft;
  private volatile double meanInterval; // nanoseconds from one request's end to the next's

  AdmissionGate(int maxSequences, int maxWaiting) {
    this.maxSequences = maxSequences;
    this.maxWaiting = maxWaiting;
  }

  /**
   * Counts a request in.
   *
   * @throws EngineBusyException if the queue is full
   */
  void enter() {
    int now = inFlight.incrementAndGet();
    if (now > (long) maxSequences + maxWaiting) {
      inFlight.decrementAndGet();
      int waiting = now - 1 - maxSequences;
      throw new EngineBusyException(maxSequences, waiting, maxWaiting, secondsFor(waiting));
    }
  }

  private int secondsFor(int waiting) {
    return (int) Math.clamp(Math.ceil(meanInterval * waiting / 1e9), 1, MOST_SECONDS);
  }

  /** Counts one out that never became part of the queue. */
  void turnBack() {
    inFlight.decrementAndGet();
  }

  /** Counts one out that ended at {@code nanoTime}. */
  void leave(long nanoTime) {
    int left = inFlight.decrementAndGet();
    if (lastLeft != 0) {
      double interval = nanoTime - lastLeft;
      meanInterval =
          meanInterval == 0 ? interval : meanInterval + NEW_SHARE * (interval - meanInterval);
    }
    // With nobody left, the time until the next end says nothing of how fast requests are served.
    lastLeft = left == 0 ? 0 : nanoTime;
  }

  int inFlight() {
    return inFlight.get();
  }
}
