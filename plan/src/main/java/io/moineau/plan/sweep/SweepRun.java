package io.moineau.plan.sweep;

import io.moineau.plan.PlanException;
import io.moineau.plan.capacity.Planner;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongConsumer;

/**
 * Computes a part of a sweep on several threads. They take parts in turn; each keeps a summary of
 * its own, and holds the text of one part at most, so memory does not grow with the sweep. What
 * comes out does not depend on how many threads there are.
 */
public final class SweepRun {
  private static final int PART = 4096;

  private final Sweep sweep;
  private final Planner planner;
  private final long from;
  private final long to;
  private final int threads;
  private final LongConsumer progress;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition turn = lock.newCondition();
  private long taken; // parts that threads have taken
  private long written; // parts that are written
  private boolean failed;

  private SweepRun(
      Sweep sweep, Planner planner, long from, long to, int threads, LongConsumer progress) {
    this.sweep = sweep;
    this.planner = planner;
    this.from = from;
    this.to = to;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * Computes rows and keeps the best.
   *
   * @param from number of the first one
   * @param to number after the last one
   * @param threads 1 or more
   * @param csv where all rows are written too; a file that an earlier run of the same sweep and
   *     beginning left is gone on with
   * @param progress is told how many rows are done, by one thread at a time
   * @throws PlanException {@code plan-bad-range}, or {@code plan-bad-file} if {@code csv} is of
   *     another sweep
   * @throws IOException if {@code csv} cannot be written
   */
  public static Summary run(
      Sweep sweep,
      Planner planner,
      long from,
      long to,
      int threads,
      Optional<Path> csv,
      LongConsumer progress)
      throws IOException {
    if (from < 0 || to > sweep.size() || from >= to || threads < 1) {
      throw new PlanException(
          "plan-bad-range",
          "these are no configurations of the sweep",
          "from " + from + " to before " + to,
          "0 to " + sweep.size(),
          "");
    }
    SweepRun run = new SweepRun(sweep, planner, from, to, threads, progress);
    if (csv.isEmpty()) {
      return run.run(OutputStream.nullOutputStream(), Long.MAX_VALUE);
    }
    long next = SweepCsv.resume(csv.get(), sweep, from, planner);
    try (OutputStream out = Files.newOutputStream(csv.get(), StandardOpenOption.APPEND)) {
      return run.run(out, next);
    }
  }

  private Summary run(OutputStream out, long firstWritten) throws IOException {
    List<Callable<Summary>> workers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      workers.add(() -> work(out, firstWritten));
    }
    Summary all = new Summary(sweep);
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      List<Future<Summary>> parts = new ArrayList<>();
      workers.forEach(worker -> parts.add(pool.submit(worker)));
      try {
        for (Future<Summary> part : parts) {
          all.addAll(part.get());
        }
      } finally {
        stop(); // if one has failed or this thread is interrupted, the others need not go on
      }
      return all;
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof UncheckedIOException io) {
        throw io.getCause();
      }
      throw cause instanceof RuntimeException own ? own : new IllegalStateException(cause);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PlanException("plan-interrupted", "the sweep was interrupted", "", "", "");
    }
  }

  private Summary work(OutputStream out, long firstWritten) {
    Summary own = new Summary(sweep);
    StringBuilder text = new StringBuilder();
    try {
      for (long part = take(); part >= 0; part = take()) {
        long start = from + part * PART;
        long end = Math.min(to, start + PART);
        text.setLength(0);
        sweep.forEach(
            start,
            end,
            planner,
            row -> {
              own.add(row);
              if (row.index() >= firstWritten) {
                SweepCsv.append(row, text);
              }
            });
        if (!write(part, text, out, end - from)) {
          break;
        }
      }
      return own;
    } catch (RuntimeException | Error e) {
      stop();
      throw e;
    }
  }

  /** The next part, or -1 where there is none. */
  private long take() {
    lock.lock();
    try {
      return failed || from + taken * PART >= to ? -1 : taken++;
    } finally {
      lock.unlock();
    }
  }

  /** Writes a part when it is its turn; false if another thread has failed. */
  private boolean write(long part, StringBuilder text, OutputStream out, long done) {
    lock.lock();
    try {
      while (written < part && !failed) {
        turn.awaitUninterruptibly();
      }
      if (failed) {
        return false;
      }
      if (!text.isEmpty()) {
        out.write(text.toString().getBytes(StandardCharsets.UTF_8));
      }
      written++;
      progress.accept(done);
      turn.signalAll();
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      lock.unlock();
    }
  }

  private void stop() {
    lock.lock();
    try {
      failed = true;
      turn.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
