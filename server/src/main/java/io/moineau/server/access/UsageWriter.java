package io.moineau.server.access;

import io.moineau.store.UsageLog;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * Writes what keys used to the store, on a thread of its own: an answer does not wait for a disk.
 *
 * <p>It writes at once, and what comes meanwhile together: the time between an answer's end and its
 * usage being safe is that of one write or two.
 */
final class UsageWriter implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.moineau.server.access");

  /** How often what other servers wrote is looked at, for keys in use. */
  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

  private static final Duration IN_USE = Duration.ofMinutes(1);
  private static final Duration END = Duration.ofSeconds(5);

  private final UsageLog log;
  private final InstantSource clock;
  private final Supplier<Collection<KeyAccount>> accounts;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<KeyAccount> waiting = new LinkedHashSet<>();
  private boolean closed;
  private final Thread thread;

  UsageWriter(UsageLog log, InstantSource clock, Supplier<Collection<KeyAccount>> accounts) {
    this.log = log;
    this.clock = clock;
    this.accounts = accounts;
    this.thread = Thread.ofPlatform().daemon().name("moineau-usage-writer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** An account has something to write. */
  void add(KeyAccount account) {
    lock.lock();
    try {
      waiting.add(account);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    long lookAt = System.nanoTime() + LOOK_EVERY.toNanos();
    while (true) {
      List<KeyAccount> some;
      lock.lock();
      try {
        long left = lookAt - System.nanoTime();
        while (waiting.isEmpty() && !closed && left > 0) {
          left = changed.awaitNanos(left);
        }
        if (waiting.isEmpty() && closed) {
          return;
        }
        some = new ArrayList<>(waiting);
        waiting.clear();
      } catch (InterruptedException e) {
        return; // nobody does that
      } finally {
        lock.unlock();
      }
      some.forEach(account -> quietly(() -> account.write(log)));
      if (System.nanoTime() - lookAt >= 0) {
        lookAround();
        lookAt = System.nanoTime() + LOOK_EVERY.toNanos();
      }
    }
  }

  private void lookAround() {
    long since = clock.millis() - IN_USE.toMillis();
    for (KeyAccount account : accounts.get()) {
      if (account.askedSince(since)) {
        quietly(() -> account.look(log));
      }
    }
  }

  /** One account's trouble is not another's. */
  private static void quietly(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.WARNING, "usage could not be written: " + e.getMessage());
    }
  }

  /** Writes what waits, and ends. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
    try {
      if (!thread.join(END)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "usage was not written within " + TimeUnit.NANOSECONDS.toSeconds(END.toNanos()) + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
