package io.moineau.server.api.common;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Does something for several answers at once, each on a thread of its own. */
public final class Together {
  /** One of the things to do. */
  @FunctionalInterface
  public interface Task<T> {
    /** Does it for the answer of this number. */
    T run(int index) throws IOException;
  }

  private Together() {}

  /**
   * Runs all and waits; one alone runs on the caller's thread.
   *
   * @param stopAll is called when one fails, so that the others end soon
   * @return what each gave, in order
   * @throws IOException of the first that failed; unchecked exceptions pass as they are
   */
  public static <T> List<T> run(int count, Task<T> task, Runnable stopAll) throws IOException {
    List<T> results = new ArrayList<>(count);
    if (count == 1) {
      results.add(task.run(0));
      return results;
    }
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> running = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        int index = i;
        running.add(threads.submit(() -> task.run(index)));
      }
      for (Future<T> future : running) {
        results.add(await(future, stopAll));
      }
    }
    return results;
  }

  private static <T> T await(Future<T> future, Runnable stopAll) throws IOException {
    try {
      return future.get();
    } catch (ExecutionException e) {
      stopAll.run();
      switch (e.getCause()) {
        case IOException io -> throw io;
        case RuntimeException own -> throw own;
        case null, default -> throw new IllegalStateException(e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopAll.run();
      throw new IOException("interrupted", e);
    }
  }
}
