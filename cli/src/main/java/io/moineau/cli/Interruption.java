package io.moineau.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntSupplier;

/**
 * Ctrl-C during a long job: asks it to stop, and keeps the JVM until the job has said its last
 * words, which would be lost otherwise.
 */
final class Interruption {
  private static final long SECONDS_TO_STOP = 600;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable ask;
  private volatile boolean asked;

  private Interruption(Runnable ask) {
    this.ask = ask;
  }

  /**
   * Does work that can be asked to stop.
   *
   * @param ask asks it, on another thread
   * @param work does it, and prints all that is to be said of it
   * @param failed prints what failed while it was stopping
   * @return the exit code
   */
  static int guard(Runnable ask, IntSupplier work, Consumer<Throwable> failed) {
    Interruption interruption = new Interruption(ask);
    Thread hook = new Thread(interruption::stop, "moineau-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return work.getAsInt();
    } catch (RuntimeException | Error e) {
      if (!interruption.asked) {
        throw e;
      }
      failed.accept(e);
      return ExitCode.ERROR;
    } finally {
      interruption.ended.countDown();
      remove(hook);
    }
  }

  /** Run by the JVM when it is to end; it ends when this returns. */
  private void stop() {
    asked = true;
    ask.run();
    try {
      if (!ended.await(SECONDS_TO_STOP, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The JVM is ending, by the hook itself.
      return;
    }
  }
}
