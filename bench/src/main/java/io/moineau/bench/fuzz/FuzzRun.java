package io.moineau.bench.fuzz;

import com.sun.management.ThreadMXBean;
import io.moineau.error.MoineauException;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Gives mutant after mutant to the readers and counts what is neither a result nor a named error.
 *
 * <p>Mutant {@code n} of a seed is always the same, whatever was run before, so that a run may be
 * continued and a fault repeated. Each target says how much time and memory a mutant may take.
 */
final class FuzzRun {
  private static final long HANGS_MILLIS = 90_000;
  private static final int MOST_SHOWN = 20;

  /**
   * What came of a run.
   *
   * @param refused how many of those that passed were refused by name
   * @param codes how often each error was seen
   * @param next the first mutant that was not run
   */
  record Outcome(
      long passed, long refused, long failed, SortedMap<String, Long> codes, long next) {}

  private final List<FuzzTarget> targets;
  private final long seed;
  private final PrintStream out;
  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final AtomicLong current = new AtomicLong(-1);
  private volatile boolean stop;
  private final SortedMap<String, Long> codes = new TreeMap<>();
  private long passed;
  private long refused;
  private long failed;

  FuzzRun(List<FuzzTarget> targets, long seed, PrintStream out) {
    this.targets = targets;
    this.seed = seed;
    this.out = out;
  }

  /** Runs mutants {@code from} to {@code to}, or until the seconds are over or one hangs. */
  Outcome run(long from, long to, long seconds) throws InterruptedException {
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    Thread worker = new Thread(() -> work(from, to), "fuzz");
    worker.setDaemon(true);
    worker.start();
    long seen = -1;
    long since = System.nanoTime();
    long told = since;
    while (worker.isAlive()) {
      worker.join(200);
      long now = System.nanoTime();
      if (current.get() != seen) {
        seen = current.get();
        since = now;
      } else if (worker.isAlive() && now - since > HANGS_MILLIS * 1_000_000) {
        return hung(seen, worker);
      }
      if (now > end) {
        stop = true;
      }
      if (now - told > 10_000_000_000L) {
        told = now;
        out.println("fuzz: at " + seen + " of " + to + " (continue with: from=" + seen + ")");
      }
    }
    return new Outcome(passed, refused, failed, codes, current.get() + 1);
  }

  private Outcome hung(long index, Thread worker) {
    StringBuilder trace = new StringBuilder();
    for (StackTraceElement frame : worker.getStackTrace()) {
      trace.append("\n    ").append(frame);
    }
    out.println("HANGS " + title(index) + trace);
    stop = true;
    return new Outcome(passed, refused, failed + 1, new TreeMap<>(), index + 1);
  }

  private void work(long from, long to) {
    warmUp();
    for (long index = from; index < to && !stop; index++) {
      current.set(index);
      String fault = one(index);
      if (fault == null) {
        passed++;
      } else {
        failed++;
        if (failed <= MOST_SHOWN) {
          out.println("FAILS " + title(index) + ": " + fault);
        }
      }
    }
  }

  /** Loads the classes of every reader, so that the first mutant is not charged with it. */
  private void warmUp() {
    for (FuzzTarget target : targets) {
      for (FuzzTarget.Sample sample : target.samples()) {
        try {
          target.read(sample.bytes().clone());
        } catch (Throwable e) {
          failed++;
          out.println("FAILS " + target.name() + " on a sound sample: " + e);
        }
      }
    }
  }

  private String title(long index) {
    return target(index).name() + " mutant " + index + " of seed " + seed;
  }

  private FuzzTarget target(long index) {
    return targets.get((int) (index % targets.size()));
  }

  /** The mutant of this number. */
  byte[] mutant(long index) {
    Random random = new Random(seed * 0x9E3779B97F4A7C15L + index * 0xD1B54A32D192ED03L);
    List<FuzzTarget.Sample> samples = target(index).samples();
    return new Mutator(random).mutate(samples.get(random.nextInt(samples.size())));
  }

  /** What is wrong with how a mutant is read, or null. */
  private @Nullable String one(long index) {
    byte[] input = mutant(index);
    long bytesBefore = threads.getCurrentThreadAllocatedBytes();
    long timeBefore = threads.getCurrentThreadCpuTime();
    String fault = read(target(index), input);
    long millis = (threads.getCurrentThreadCpuTime() - timeBefore) / 1_000_000;
    long bytes = threads.getCurrentThreadAllocatedBytes() - bytesBefore;
    if (fault == null && millis > target(index).mostMillis()) {
      fault = "took " + millis + " ms for " + input.length + " bytes";
    }
    if (fault == null && bytes > target(index).mostBytes(input)) {
      fault = "allocated " + bytes + " bytes for " + input.length;
    }
    return fault;
  }

  private @Nullable String read(FuzzTarget target, byte[] input) {
    try {
      target.read(input);
      return null;
    } catch (MoineauException e) {
      refused++;
      codes.merge(e.code(), 1L, Long::sum);
      return e.code().isEmpty() || e.what().isEmpty() ? "an error without a name" : null;
    } catch (Throwable e) {
      StringBuilder text = new StringBuilder(e.toString());
      StackTraceElement[] frames = e.getStackTrace();
      for (int i = 0; i < Math.min(6, frames.length); i++) {
        text.append("\n    ").append(frames[i]);
      }
      return text.toString();
    }
  }
}
