package io.moineau.server.http.helidon;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Closes connections on which one write has waited too long: a blocked write has no time-out of its
 * own.
 */
final class SlowReaders {
  private static final Duration LOOK_EVERY = Duration.ofMillis(250);

  private final Set<TimedWriter> writing = ConcurrentHashMap.newKeySet();
  private final long mostNanos;
  private volatile boolean stopped;

  SlowReaders(Duration most) {
    this.mostNanos = most.toNanos();
  }

  void start() {
    Thread.ofVirtual().name("moineau-slow-readers").start(this::look);
  }

  void stop() {
    stopped = true;
  }

  void began(TimedWriter writer) {
    writing.add(writer);
  }

  void ended(TimedWriter writer) {
    writing.remove(writer);
  }

  private void look() {
    try {
      while (!stopped) {
        Thread.sleep(LOOK_EVERY);
        long now = System.nanoTime();
        for (TimedWriter writer : writing) {
          writer.cutIfWaitingSince(now - mostNanos);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
