package io.moineau.server.http.helidon;

import io.helidon.common.concurrency.limits.Limit;
import io.helidon.common.task.InterruptableTask;
import io.helidon.webserver.spi.ServerConnection;
import java.time.Duration;

/** Helidon's HTTP/1.1 on a guarded connection, which its thread can find by {@link #current()}. */
final class GuardedServing implements ServerConnection, InterruptableTask<Void> {
  private static final ThreadLocal<GuardedConnection> CURRENT = new ThreadLocal<>();

  private final GuardedConnection guard;
  private final ServerConnection http1;

  GuardedServing(GuardedConnection guard, ServerConnection http1) {
    this.guard = guard;
    this.http1 = http1;
  }

  /** The connection whose request this thread answers. */
  static GuardedConnection current() {
    return CURRENT.get();
  }

  @Override
  public void handle(Limit limit) throws InterruptedException {
    CURRENT.set(guard);
    try {
      http1.handle(limit);
    } finally {
      CURRENT.remove();
      guard.ended();
    }
  }

  @Override
  public Duration idleTime() {
    return http1.idleTime();
  }

  @Override
  public void close(boolean interrupt) {
    http1.close(interrupt);
  }

  @Override
  public boolean canInterrupt() {
    return http1 instanceof InterruptableTask<?> task && task.canInterrupt();
  }
}
