package io.moineau.bench.serve;

import io.moineau.EngineStats;
import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.error.MoineauException;
import io.moineau.server.Server;
import io.moineau.server.ServerOptions;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * {@code bench/serve/soak}: a server at full load with clients that vanish, send nonsense, too
 * much, or nothing. Every good request must be answered whole; afterwards nothing may run, hold a
 * block of keys and values, a file handle, or memory beyond what it held before.
 */
public final class SoakRun {
  private static final String USAGE =
      """
      A server at full load, with clients that misbehave:
        bench/serve/soak [SECONDS [STREAMS [MODEL]]]

        SECONDS  of load (1200)
        STREAMS  good clients at once, beside as many bad ones (16)
        MODEL    GGUF file (the embedded model)

      Exit codes: 0 nothing leaks and every good request was answered, 1 otherwise, 2 wrong usage.
      """;

  private static final int CONTEXT = 2048;
  private static final int QUIET_SECONDS = 60;
  private static final int TRIES = 20;
  private static final int VOCABULARY = 256;

  /** What may be left: code that was compiled, buffers of threads, caches that fill. */
  private static final long MOST_HEAP_GROWTH = 6L << 20;

  private static final long MOST_NATIVE_GROWTH = 96L << 20;
  private static final int MOST_HANDLE_GROWTH = 8;
  private static final int MOST_THREAD_GROWTH = 8;

  private final Moineau moineau;
  private final Server server;
  private final PrintStream out;
  private final List<String> failures = new ArrayList<>();
  private final AtomicInteger answered = new AtomicInteger();
  private final AtomicLong tokens = new AtomicLong();
  private final AtomicInteger refused = new AtomicInteger();
  private final Map<HostileClient.Kind, AtomicInteger> hostile = new ConcurrentHashMap<>();

  private SoakRun(Moineau moineau, Server server, PrintStream out) {
    this.moineau = moineau;
    this.server = server;
    this.out = out;
  }

  /** Exits with 1 if anything leaked or a good request failed. */
  public static void main(String[] args) {
    System.exit(run(List.of(args), System.out));
  }

  static int run(List<String> args, PrintStream out) {
    int seconds;
    int streams;
    try {
      seconds = args.isEmpty() ? 1200 : Integer.parseInt(args.getFirst());
      streams = args.size() < 2 ? 16 : Integer.parseInt(args.get(1));
    } catch (NumberFormatException e) {
      out.print(USAGE);
      return 2;
    }
    if (seconds < 1 || streams < 1 || args.size() > 3) {
      out.print(USAGE);
      return 2;
    }
    ModelOptions options =
        ModelOptions.defaults().withContextLength(CONTEXT).withMaxSequences(streams);
    try (Moineau moineau =
            args.size() < 3
                ? Moineau.openDefault(options)
                : Moineau.open(Path.of(args.get(2)), options);
        Server server = Server.start(moineau, ServerOptions.defaults().withPort(0))) {
      return new SoakRun(moineau, server, out).soak(seconds, streams);
    } catch (MoineauException e) {
      out.println("soak: " + e.getMessage());
      return 1;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private int soak(int seconds, int streams) throws InterruptedException {
    // The first part is as the second: what it leaves behind is what a server in use holds.
    int warmUp = Math.clamp(seconds / 4, 1, 120);
    load(warmUp, streams);
    quiet();
    SoakFigures before = SoakFigures.now();
    out.println("after " + warmUp + " s of warming up: " + before.text());
    load(seconds, streams);
    quiet();
    SoakFigures after = SoakFigures.now();
    report(seconds, after);
    check(before, after);
    failures.stream().limit(20).forEach(failure -> out.println("FAILED: " + failure));
    if (failures.isEmpty()) {
      out.println("nothing leaks, every good request was answered");
    }
    return failures.isEmpty() ? 0 : 1;
  }

  private void report(int seconds, SoakFigures after) {
    EngineStats stats = moineau.stats();
    out.println("after " + seconds + " s of load: " + after.text());
    out.printf(
        Locale.ROOT,
        "%d good requests answered (%d tries were told to come back), %d tokens, bad clients: %s%n",
        answered.get(),
        refused.get(),
        tokens.get(),
        hostile);
    out.printf(
        Locale.ROOT,
        "engine: %d steps, %d requests, %d finished, %d cancelled, %d failed, %d preemptions%n",
        stats.steps(),
        stats.requests(),
        stats.finished(),
        stats.cancelled(),
        stats.failed(),
        stats.preemptions());
  }

  private void check(SoakFigures before, SoakFigures after) {
    most("heap, bytes", before.heapBytes(), after.heapBytes(), MOST_HEAP_GROWTH);
    most("native memory, bytes", before.nativeBytes(), after.nativeBytes(), MOST_NATIVE_GROWTH);
    most("file handles", before.handles(), after.handles(), MOST_HANDLE_GROWTH);
    most("threads", before.threads(), after.threads(), MOST_THREAD_GROWTH);
    if (answered.get() == 0) {
      fail("no good request was answered");
    }
  }

  private void most(String what, long before, long after, long growth) {
    if (after > before + growth) {
      fail(what + ": " + before + " before, " + after + " after; " + growth + " more at most");
    }
  }

  private synchronized void fail(String message) {
    failures.add(message);
  }

  /** Waits until nothing runs; that nothing runs on its own is half of what is to be shown. */
  private void quiet() throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(QUIET_SECONDS);
    while (!(SoakFigures.isQuiet(moineau) && server.running() == 0)) {
      if (System.nanoTime() - end > 0) {
        EngineStats stats = moineau.stats();
        fail(
            "%d s after the last client: %d running, %d waiting, %d blocks used, %d answers open"
                .formatted(
                    QUIET_SECONDS,
                    stats.running(),
                    stats.waiting(),
                    stats.usedBlocks(),
                    server.running()));
        return;
      }
      Thread.sleep(50);
    }
  }

  private void load(int seconds, int streams) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    URI uri = server.uri();
    CountDownLatch left = new CountDownLatch(2 * streams);
    try (StreamClient client = new StreamClient(uri, false)) {
      for (int i = 0; i < streams; i++) {
        Random good = new Random(1000L + i);
        start(left, () -> goodClient(client, good, end));
        Random bad = new Random(2000L + i);
        start(left, () -> badClient(new HostileClient(uri, client.model(), bad), bad, end));
      }
      left.await();
    }
  }

  /** What a client does until the time is over. */
  @FunctionalInterface
  private interface Work {
    void run() throws InterruptedException;
  }

  private void start(CountDownLatch left, Work work) {
    Thread.startVirtualThread(() -> {
      try {
        work.run();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        fail("a client of this run failed: " + e);
      } finally {
        left.countDown();
      }
    });
  }

  private void goodClient(StreamClient client, Random random, long end)
      throws InterruptedException {
    while (System.nanoTime() - end < 0) {
      int asked = 1 + random.nextInt(64);
      StreamRequest request =
          StreamRequest.random(random, 1 + random.nextInt(200), asked, VOCABULARY);
      StreamResult result = client.run(request);
      for (int i = 1; i < TRIES && result.error().startsWith("status 429"); i++) {
        refused.incrementAndGet();
        Thread.sleep(500);
        result = client.run(request);
      }
      if (!result.isWhole()) {
        fail("a good request: " + result.error());
      } else if (result.tokens() != asked) {
        fail("a good request for " + asked + " tokens got " + result.tokens());
      } else {
        answered.incrementAndGet();
        tokens.addAndGet(asked);
      }
    }
  }

  private void badClient(HostileClient client, Random random, long end)
      throws InterruptedException {
    HostileClient.Kind[] kinds = HostileClient.Kind.values();
    while (System.nanoTime() - end < 0) {
      HostileClient.Kind kind = kinds[random.nextInt(kinds.length)];
      String wrong = client.run(kind);
      if (!wrong.isEmpty()) {
        fail(wrong);
      }
      hostile.computeIfAbsent(kind, key -> new AtomicInteger()).incrementAndGet();
    }
  }
}
