package io.moineau.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jdbi.v3.core.ConnectionFactory;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * Connections to H2 or PostgreSQL, transactions, and what happens when they fail.
 *
 * <p>All work is done by a few threads of its own. A caller who is interrupted while he waits does
 * no harm so: an interrupt in the middle of a write closes the channel of H2's file, and with it
 * the database. One thread for H2, which lets one write at a time through anyway.
 *
 * <p>After a failure the connections are thrown away and the next call opens new ones, so that the
 * store works again when the trouble is over. Until a moment has passed, calls are refused at once
 * with the same error: nobody waits for a database that is known to be away.
 */
final class Database implements AutoCloseable {
  /** What is done in a transaction. */
  @FunctionalInterface
  interface Work<T> {
    T with(Handle handle);
  }

  private static final int POSTGRESQL_THREADS = 4;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(250);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final Duration CHECK_AFTER = Duration.ofSeconds(1);
  private static final int CHECK_SECONDS = 3;

  private record Idle(Connection connection, long since) {}

  private record Trouble(StoreException error, long until, Duration pause) {}

  private final boolean h2;
  private final Failures failures;
  private final Consumer<String> notices;
  private final ExecutorService workers;
  private final Jdbi jdbi;
  private final ConcurrentLinkedDeque<Idle> idle = new ConcurrentLinkedDeque<>();
  private volatile DataSource source;
  private volatile @Nullable Trouble trouble;

  /**
   * Opens the database and brings its tables to this version.
   *
   * @throws StoreException whatever stands in the way
   */
  Database(StoreOptions options, Consumer<String> notices) {
    h2 = options.isH2();
    failures = new Failures(options);
    this.notices = notices;
    source = Drivers.source(options, false);
    jdbi = Jdbi.create(new Connections());
    workers =
        Executors.newFixedThreadPool(
            h2 ? 1 : POSTGRESQL_THREADS,
            Thread.ofPlatform().daemon().name("moineau-store-", 0).factory());
    try {
      call(() -> {
        open(options);
        return true;
      });
    } catch (RuntimeException e) {
      close();
      throw failures.explain(e);
    }
    source = Drivers.source(options, true);
  }

  private void open(StoreOptions options) {
    boolean there = H2File.prepare(options, failures);
    // This connection stays open meanwhile: H2 closes its file with the last one.
    try (Handle handle = jdbi.open()) {
      handle.execute("SELECT 1");
      Schema.migrate(source, failures, there);
    }
  }

  /** Reads in a transaction. */
  <T> T read(Work<T> work) {
    return call(work, false);
  }

  /** Writes in a transaction; returns when what was written survives the end of this process. */
  <T> T write(Work<T> work) {
    return call(work, true);
  }

  /** The error that keeps the database away at this moment. */
  Optional<StoreException> trouble() {
    return Optional.ofNullable(trouble).map(Trouble::error);
  }

  private <T> T call(Work<T> work, boolean writes) {
    refuseInTrouble();
    return call(() -> {
      refuseInTrouble(); // it may have come while this call waited for its turn
      return run(work, writes);
    });
  }

  private void refuseInTrouble() {
    Trouble now = trouble;
    if (now != null && System.nanoTime() - now.until() < 0) {
      throw now.error().again();
    }
  }

  /**
   * Has a worker do something. Gives up after a while if no worker was free; what has begun is
   * waited for, as nobody could say otherwise whether it was written.
   */
  private <T> T call(Callable<T> work) {
    AtomicBoolean taken = new AtomicBoolean();
    Future<T> answer;
    try {
      answer =
          workers.submit(() -> {
            if (!taken.compareAndSet(false, true)) {
              throw new IllegalStateException("nobody waits for this any more");
            }
            return work.call();
          });
    } catch (RejectedExecutionException e) {
      throw new StoreException("store-closed", "the store is closed", "", "", "open it again");
    }
    boolean interrupted = false;
    long end = System.nanoTime() + DEADLINE.toNanos();
    try {
      while (true) {
        try {
          long left = taken.get() ? Long.MAX_VALUE : end - System.nanoTime();
          return answer.get(left, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true; // told to the caller afterwards
        } catch (TimeoutException e) {
          if (taken.compareAndSet(false, true)) {
            throw failures.busy("no connection was free within " + DEADLINE.toSeconds() + " s");
          }
        } catch (ExecutionException e) {
          Throwable cause = e.getCause() == null ? e : e.getCause();
          throw cause instanceof StoreException known ? known.again() : failures.explain(cause);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private <T> T run(Work<T> work, boolean writes) {
    try {
      T value;
      try (Handle handle = jdbi.open()) {
        value = handle.inTransaction(work::with);
        if (writes && h2) {
          // H2 has given the change to the system by now, which survives a kill; this waits
          // until it is on the disk, which survives a power cut.
          handle.execute("CHECKPOINT SYNC");
        }
      }
      recovered();
      return value;
    } catch (StoreException e) {
      throw e; // the work's own refusal
    } catch (RuntimeException e) {
      StoreException error = failures.explain(e);
      if (!Failures.isOfStatement(e)) {
        discardConnections();
        failed(error);
      }
      throw error;
    }
  }

  private synchronized void failed(StoreException error) {
    Trouble before = trouble;
    Duration pause = FIRST_PAUSE;
    if (before != null) {
      Duration doubled = before.pause().multipliedBy(2);
      pause = doubled.compareTo(LONGEST_PAUSE) < 0 ? doubled : LONGEST_PAUSE;
    }
    trouble = new Trouble(error, System.nanoTime() + pause.toNanos(), pause);
    if (before == null || !before.error().code().equals(error.code())) {
      notices.accept(error.getMessage());
    }
  }

  private void recovered() {
    if (trouble != null) {
      synchronized (this) {
        if (trouble != null) {
          trouble = null;
          notices.accept("the store works again");
        }
      }
    }
  }

  private void discardConnections() {
    for (Idle one = idle.poll(); one != null; one = idle.poll()) {
      closeQuietly(one.connection());
    }
  }

  private static void closeQuietly(Connection connection) {
    try {
      connection.close();
    } catch (SQLException e) {
      // It is thrown away because it does not work.
    }
  }

  @Override
  public void close() {
    workers.shutdown();
    try {
      workers.awaitTermination(DEADLINE.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    discardConnections();
  }

  /** Hands the idle connections to JDBI and takes them back. */
  private final class Connections implements ConnectionFactory {
    @Override
    public Connection openConnection() throws SQLException {
      Idle known = idle.poll();
      if (known != null) {
        boolean fresh = System.nanoTime() - known.since() < CHECK_AFTER.toNanos();
        if (h2 || fresh || known.connection().isValid(CHECK_SECONDS)) {
          return known.connection();
        }
        closeQuietly(known.connection());
      }
      return source.getConnection();
    }

    @Override
    public void closeConnection(Connection connection) throws SQLException {
      if (!connection.isClosed()) {
        idle.push(new Idle(connection, System.nanoTime()));
      }
    }
  }
}
