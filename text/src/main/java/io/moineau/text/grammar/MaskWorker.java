package io.moineau.text.grammar;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Makes masks that are not there yet while the model computes: from the moment a token is taken to
 * the moment the next one is chosen there is a whole pass through the model. One thread is enough;
 * whoever needs a mask that it has begun waits for it, and makes one that it has not.
 */
final class MaskWorker {
  private static final int LONGEST_QUEUE = 256;
  private static final int IDLE_SECONDS = 10;

  private static final ThreadPoolExecutor THREAD = thread();

  private MaskWorker() {}

  private static ThreadPoolExecutor thread() {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(LONGEST_QUEUE),
            Thread.ofPlatform().name("moineau-masks").daemon(true).factory(),
            new ThreadPoolExecutor.DiscardPolicy());
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }

  /** Makes the mask of a state soon, if it is not there. */
  static void prepare(MaskTable masks, State state) {
    if (state.mask == null) {
      THREAD.execute(() -> make(masks, state));
    }
  }

  private static void make(MaskTable masks, State state) {
    try {
      masks.mask(state);
    } catch (RuntimeException e) {
      // Whoever needs the mask meets the same error, and says so.
    }
  }
}
