package io.moineau.kernels;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntToDoubleFunction;

/**
 * What this machine can do, measured in about a second: how fast it reads memory and how fast it
 * multiplies and adds 32-bit floats. The upper limit beside which a model's speed is shown.
 */
public final class MachineProbe {
  /**
   * Best of several passes.
   *
   * @param gigabytesPerSecond read from memory by all threads
   * @param gigaoperationsPerSecond multiplications and additions of floats by all threads
   */
  public record Result(double gigabytesPerSecond, double gigaoperationsPerSecond) {
    /** Nothing was measured. */
    public static final Result NONE = new Result(0, 0);

    /** Whether nothing was measured. */
    public boolean isEmpty() {
      return gigabytesPerSecond == 0;
    }
  }

  /** Longs read per pass, all threads together: 192 MiB, more than most caches hold. */
  private static final int LONGS = 24 << 20;

  private static final int PASSES = 6;

  private MachineProbe() {}

  /**
   * Measures with so many threads; needs 192 MiB of heap for its duration.
   *
   * @throws InterruptedException if the thread is interrupted meanwhile
   */
  public static Result run(int threads) throws InterruptedException {
    int workers = Math.max(1, threads);
    long[][] memory = new long[workers][LONGS / workers];
    for (long[] part : memory) {
      java.util.Arrays.fill(part, 3);
    }
    double read = best(workers, i -> sum(memory[i])) * 8.0 * (LONGS / workers) * workers;
    double computed = 0;
    try {
      double operations = FloatProbe.OPERATIONS * (double) workers;
      computed = best(workers, i -> FloatProbe.run()) * operations;
    } catch (NoClassDefFoundError | IllegalAccessError e) {
      computed = best(workers, i -> plainFloats()) * PLAIN_OPERATIONS * workers;
    }
    return new Result(read / 1e9, computed / 1e9);
  }

  /** Rounds per second of the fastest pass, all workers starting together. */
  private static double best(int workers, IntToDoubleFunction work) throws InterruptedException {
    double best = 0;
    for (int pass = 0; pass < PASSES; pass++) {
      CountDownLatch start = new CountDownLatch(1);
      double[] kept = new double[workers];
      List<Thread> team = new ArrayList<>();
      for (int i = 0; i < workers; i++) {
        int index = i;
        team.add(
            Thread.ofPlatform()
                .daemon()
                .start(() -> {
                  try {
                    start.await();
                    kept[index] = work.applyAsDouble(index);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
      }
      long begin = System.nanoTime();
      start.countDown();
      for (Thread thread : team) {
        thread.join();
      }
      long nanos = System.nanoTime() - begin;
      sink = kept[0];
      best = Math.max(best, 1e9 / nanos);
    }
    return best;
  }

  /** Keeps results alive, so that no compiler removes the work. */
  @SuppressWarnings("unused")
  private static volatile double sink;

  private static double sum(long[] values) {
    long a = 0;
    for (int i = 0; i < values.length; i++) {
      a += values[i];
    }
    return a;
  }

  private static final double PLAIN_OPERATIONS = 2.0 * 1024 * 20_000;

  private static double plainFloats() {
    float[] x = new float[1024];
    for (int round = 0; round < 20_000; round++) {
      for (int i = 0; i < x.length; i++) {
        x[i] = x[i] * 0.999f + 0.001f;
      }
    }
    return x[0];
  }
}
