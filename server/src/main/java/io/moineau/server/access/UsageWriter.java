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
 * Writes what keys used to the store, on a thread of its own.
 *
 * <p>It writes at once, and what comes meanwhile together. An answer's end waits for that before it
 * is told, which takes the time of a write or two, so that what a client knows of is not lost by
 * {@code kill -9}; but a store that is slow keeps nobody waiting for longer than a moment.
 */
final class UsageWriter implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.moineau.server.access");

  /** How often what other servers wrote is looked at, for keys in use. */
  private static final Duration LOOK_EVERY = Duration.ofSeconds(2);

  private static final Duration IN_USE = Duration.ofMinutes(1);
  private static final Duration END = Duration.ofSeconds(5);

  private final UsageLog log;
  private final Duration moment;
  private final InstantSource clock;
  private final Supplier<Collection<KeyAccount>> accounts;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Set<KeyAccount> waiting = new LinkedHashSet<>();
  private final Condition written = lock.newCondition();
  private long roundsBegun;
  private long roundsEnded;
  private boolean closed;
  private final Thread thread;

  /**
   * For a store.
   *
   * @param moment how long an answer's end waits at most for its usage to be written
   */
  UsageWriter(
      UsageLog log,
      Duration moment,
      InstantSource clock,
      Supplier<Collection<KeyAccount>> accounts) {
    this.log = log;
    this.moment = moment;
    this.clock = clock;
    this.accounts = accounts;
    this.thread = Thread.ofPlatform().daemon().name("moineau-usage-writer").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** An account has something to write; returns the round in which it is written. */
  long add(KeyAccount account) {
    lock.lock();
    try {
      waiting.add(account);
      changed.signal();
      return roundsBegun + 1;
    } finally {
      lock.unlock();
    }
  }

  /** Waits a moment for the end of a round. */
  void await(long round) {
    lock.lock();
    try {
      long left = moment.toNanos();
      while (roundsEnded < round && left > 0) {
        left = written.awaitNanos(left);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // it is written all the same
    } finally {
      lock.unlock();
    }
  }

  private void ended() {
    lock.lock();
    try {
      roundsEnded = roundsBegun;
      written.signalAll();
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
        roundsBegun++;
      } catch (InterruptedException e) {
        return; // nobody does that
      } finally {
        lock.unlock();
      }
      some.forEach(account -> quietly(() -> account.write(log)));
      ended();
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
