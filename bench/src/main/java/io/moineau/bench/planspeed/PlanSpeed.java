package io.moineau.bench.planspeed;

import com.sun.management.OperatingSystemMXBean;
import io.moineau.plan.capacity.Estimate;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.sweep.Row;
import io.moineau.plan.sweep.Summary;
import io.moineau.plan.sweep.Sweep;
import io.moineau.plan.sweep.SweepReader;
import io.moineau.plan.sweep.SweepRun;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * Times single estimates on one thread, and a sweep over a million configurations on all cores.
 * Time of the processor is told beside that of the clock: on a machine that others use too, the
 * former is what can be compared.
 */
public final class PlanSpeed {
  private static final int ESTIMATES = 20_000;
  private static final int ROUNDS = 7;
  private static final long SWEEP = 1_000_000;
  private static final double NANO = 1e-9;

  private static final String GRID =
      """
      moineau-sweep: 1
      models: [all]
      chips: [all]
      counts: [4, 8, 16, 32]
      requests: [{input: 1024, output: 1024}, {input: 4096, output: 1024, cached: 0.5}]
      weights: [usual, int4]
      batches: {from: 1, to: 4096, factor: 2}
      ttft_seconds: 2
      tpot_seconds: 0.05
      """;

  private PlanSpeed() {}

  /** Runs it. */
  public static void main(String[] args) throws IOException {
    Sweep sweep = SweepReader.parse(GRID, "grid", Catalogue.standard());
    estimates(sweep);
    int cores = Runtime.getRuntime().availableProcessors();
    sweep(sweep, 1);
    if (cores > 1) {
      sweep(sweep, cores);
    }
  }

  /** Different questions, layouts and batches one after the other, each answered in full. */
  private static void estimates(Sweep sweep) {
    Planner planner = Planner.standard();
    Random random = new Random(1);
    Question[] questions = new Question[ESTIMATES];
    Row[] rows = new Row[ESTIMATES];
    for (int i = 0; i < ESTIMATES; i++) {
      long index = random.nextLong(sweep.size());
      questions[i] = sweep.question(index);
      rows[i] = sweep.row(index, planner);
    }
    LongSupplier time = () -> ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    double[] rates = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      double sum = 0;
      long start = time.getAsLong();
      for (int i = 0; i < ESTIMATES; i++) {
        Estimate estimate = planner.estimate(questions[i], rows[i].layout(), rows[i].batch());
        sum += estimate.outputTokensPerSecond().value();
      }
      rates[round] = ESTIMATES / ((time.getAsLong() - start) * NANO);
      if (!(sum > 0)) {
        throw new IllegalStateException("nothing was estimated");
      }
    }
    System.out.printf("first round, cold: %,.0f estimates a second of one core%n", rates[0]);
    Arrays.sort(rates);
    System.out.printf("median of %d: %,.0f%n", ROUNDS, rates[ROUNDS / 2]);
  }

  private static void sweep(Sweep sweep, int threads) throws IOException {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    long cpu = system.getProcessCpuTime();
    long clock = System.nanoTime();
    Summary summary =
        SweepRun.run(
            sweep,
            Planner.standard(),
            0,
            Math.min(SWEEP, sweep.size()),
            threads,
            Optional.empty(),
            done -> {});
    System.out.printf(
        "sweep on %d %s: %,d configurations in %.2f s, %.2f s of processors%n",
        threads,
        threads == 1 ? "thread" : "threads",
        summary.rows(),
        (System.nanoTime() - clock) * NANO,
        (system.getProcessCpuTime() - cpu) * NANO);
  }
}
