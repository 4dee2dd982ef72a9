package io.moineau.engine;

import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Work that wants the model for itself, between two steps: added by any thread, run by one. */
final class ModelJobs {
  private final Queue<Job<?>> jobs = new ConcurrentLinkedQueue<>();

  /** A piece of work and what comes of it. */
  record Job<T>(Callable<T> work, CompletableFuture<T> result) {
    private void run() {
      try {
        result.complete(work.call());
      } catch (Throwable e) { // whatever it is, the caller waits for it
        result.completeExceptionally(e);
      }
    }

    /** Waits for the result, or throws what the work threw. */
    T await() {
      try {
        return result.join();
      } catch (CompletionException | CancellationException e) {
        if (e.getCause() instanceof RuntimeException runtime) {
          throw runtime;
        }
        if (e.getCause() instanceof Error error) {
          throw error;
        }
        throw e;
      }
    }
  }

  <T> Job<T> add(Callable<T> work) {
    Job<T> job = new Job<>(work, new CompletableFuture<>());
    jobs.add(job);
    return job;
  }

  /** Takes one back that has not begun; false if it has. */
  boolean remove(Job<?> job) {
    return jobs.remove(job);
  }

  boolean isEmpty() {
    return jobs.isEmpty();
  }

  void run() {
    for (Job<?> job = jobs.poll(); job != null; job = jobs.poll()) {
      job.run();
    }
  }

  void fail(RuntimeException why) {
    for (Job<?> job = jobs.poll(); job != null; job = jobs.poll()) {
      job.result().completeExceptionally(why);
    }
  }
}
