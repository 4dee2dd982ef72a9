package io.moineau.server.plan;

import io.moineau.error.MoineauException;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.ClientGoneException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One computation at a time, of those that take long: a plan, an audit. It runs on a thread of its
 * own, so that no thread that answers is held, and a few may wait; a server is there to run a
 * model, and what is asked of the plan must not take its processors.
 */
public final class PlanWork {
  private static final int MOST_WAITING = 8;
  private static final int RETRY_SECONDS = 5;
  private static final long MOST_SECONDS = 60;

  private final ThreadPoolExecutor thread;
  private final long mostMillis;

  PlanWork() {
    this(MOST_SECONDS * 1000);
  }

  /** With another limit on the time of each. */
  PlanWork(long mostMillis) {
    this.mostMillis = mostMillis;
    thread =
        new ThreadPoolExecutor(
            1,
            1,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_WAITING),
            work -> Thread.ofPlatform().name("moineau-plan").daemon(true).unstarted(work));
    thread.allowCoreThreadTimeOut(true);
  }

  /**
   * Does some work when its turn has come.
   *
   * @param onGone is given what to do when nobody waits for the result any more
   * @throws ApiException 503 {@code plan_busy}, {@code plan_too_long}
   */
  public <T> T alone(Consumer<Runnable> onGone, Callable<T> work) {
    Future<T> result;
    try {
      result = thread.submit(work);
    } catch (RejectedExecutionException e) {
      throw away("plan_busy", "others wait for a plan or an audit", MOST_WAITING + " wait");
    }
    onGone.accept(() -> result.cancel(true));
    try {
      return result.get(mostMillis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      result.cancel(true);
      throw away("plan_too_long", "this took too long", mostMillis / 1000 + " s");
    } catch (CancellationException e) {
      throw new ClientGoneException();
    } catch (InterruptedException e) {
      result.cancel(true);
      Thread.currentThread().interrupt();
      throw new ClientGoneException();
    } catch (ExecutionException e) {
      throw failed(e);
    }
  }

  private static RuntimeException failed(ExecutionException failure) {
    Throwable cause = failure.getCause();
    if (cause instanceof MoineauException own) {
      return own;
    }
    return cause instanceof RuntimeException other ? other : new IllegalStateException(failure);
  }

  private static ApiException away(String code, String what, String where) {
    return new ApiException(503, code, "", RETRY_SECONDS, what, where, "", "ask again in a while");
  }
}
