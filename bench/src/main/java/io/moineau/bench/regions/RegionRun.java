package io.moineau.bench.regions;

import io.moineau.kernels.CpuFeatures;
import io.moineau.kernels.ThreadTeam;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * What a region of the thread team costs: an empty one, regions with as much work as those of a
 * forward pass, after serial work of the caller, and the same while other programs take cores.
 * Arguments: number of threads (all cores) and of competing programs (0).
 *
 * <p>Alone and shared work alternate in one run, and medians are printed with the spread, since
 * machines are noisy: compare ratios only. The best rounds stand for a machine that does nothing
 * else.
 */
public final class RegionRun {
  private static final int ROUNDS = 25;
  private static final int PIECES = 16;

  @SuppressWarnings("unused") // keeps the work from being left out
  private static volatile long sink;

  private final ThreadTeam team;
  private final double unitsPerMicro;

  private RegionRun(ThreadTeam team) {
    this.team = team;
    work(20_000_000);
    double best = Double.MAX_VALUE;
    for (int i = 0; i < 10; i++) {
      long start = System.nanoTime();
      work(2_000_000);
      best = Math.min(best, (System.nanoTime() - start) / 1e3);
    }
    this.unitsPerMicro = 2_000_000 / best;
  }

  /** Arithmetic in a chain: as long on every core, and nothing that threads share. */
  private static void work(int units) {
    long value = units;
    for (int i = 0; i < units; i++) {
      value = value * 6364136223846793005L + 1442695040888963407L;
    }
    if (value == 42) {
      sink = value;
    }
  }

  /** The main. */
  public static void main(String[] args) throws IOException, InterruptedException {
    if (args.length > 0 && args[0].equals("burn")) {
      while (true) {
        work(1_000_000);
      }
    }
    int threads = args.length > 0 ? Integer.parseInt(args[0]) : CpuFeatures.get().usableCores();
    int competitors = args.length > 1 ? Integer.parseInt(args[1]) : 0;
    List<Process> others = new ArrayList<>();
    try (ThreadTeam team = ThreadTeam.pinned(threads)) {
      for (int i = 0; i < competitors; i++) {
        others.add(burn());
      }
      if (competitors > 0) {
        Thread.sleep(1000); // until they are at work
      }
      System.out.printf(
          Locale.ROOT,
          "%d threads, %s; %d competing programs%n",
          threads,
          team.pinning(),
          competitors);
      team.runPinned(() -> new RegionRun(team).measure());
    } finally {
      others.forEach(Process::destroyForcibly);
    }
  }

  private void measure() {
    empty();
    System.out.println(
        "work us, gap us: time of a region us (quartiles), speed-up, that of the best rounds,"
            + " others' share");
    for (int micros : new int[] {10, 50, 200, 1000}) {
      for (int gap : new int[] {0, 50}) {
        shared(micros, gap);
      }
    }
  }

  private static Process burn() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            RegionRun.class.getName(),
            "burn")
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private void empty() {
    for (int pieces : new int[] {2, PIECES}) {
      double[] nanos = new double[ROUNDS];
      int regions = 20_000;
      for (int round = -5; round < ROUNDS; round++) {
        long start = System.nanoTime();
        for (int i = 0; i < regions; i++) {
          team.run(pieces, (piece, thread) -> {});
        }
        if (round >= 0) {
          nanos[round] = (System.nanoTime() - start) / (double) regions;
        }
      }
      Arrays.sort(nanos);
      System.out.printf(
          Locale.ROOT,
          "empty region of %d pieces: %.0f ns (quartiles %.0f, %.0f)%n",
          pieces,
          nanos[ROUNDS / 2],
          nanos[ROUNDS / 4],
          nanos[3 * ROUNDS / 4]);
    }
  }

  private void shared(int micros, int gapMicros) {
    int units = (int) (micros * unitsPerMicro / PIECES);
    int gap = (int) (gapMicros * unitsPerMicro);
    int regions = Math.max(20, 20_000 / (micros + gapMicros));
    double[] alone = new double[ROUNDS];
    double[] together = new double[ROUNDS];
    AtomicIntegerArray taken = new AtomicIntegerArray(2);
    for (int round = -3; round < ROUNDS; round++) {
      int at = Math.max(0, round);
      long nanos = 0;
      for (int i = 0; i < regions; i++) {
        work(gap);
        long start = System.nanoTime();
        for (int piece = 0; piece < PIECES; piece++) {
          work(units);
        }
        nanos += System.nanoTime() - start;
      }
      alone[at] = nanos / 1e3 / regions;
      nanos = 0;
      for (int i = 0; i < regions; i++) {
        work(gap);
        long start = System.nanoTime();
        team.run(
            PIECES,
            (piece, thread) -> {
              work(units);
              taken.incrementAndGet(thread == 0 ? 0 : 1);
            });
        nanos += System.nanoTime() - start;
      }
      together[at] = nanos / 1e3 / regions;
    }
    double speedUp = median(alone) / median(together);
    System.out.printf(
        Locale.ROOT,
        "%5d %3d: %8.2f (%.2f, %.2f)  %.2f  %.2f  %.0f %%%n",
        micros,
        gapMicros,
        median(together),
        together[ROUNDS / 4],
        together[3 * ROUNDS / 4],
        speedUp,
        alone[0] / together[0],
        100.0 * taken.get(1) / (taken.get(0) + taken.get(1)));
  }

  private static double median(double[] values) {
    Arrays.sort(values);
    return values[values.length / 2];
  }
}
