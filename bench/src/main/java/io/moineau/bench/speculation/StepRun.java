package io.moineau.bench.speculation;

import com.sun.management.OperatingSystemMXBean;
import io.moineau.format.GgufFile;
import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.PagedKv;
import io.moineau.model.Batch;
import io.moineau.model.LanguageModel;
import io.moineau.model.Workspace;
import io.moineau.tensor.DType;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Random;

/**
 * What a step of several tokens of one sequence costs, as a multiple of a step of one: with the
 * kernels for many tokens, and with each token given the bits that it gets alone, as the check of a
 * draft is computed. Arguments: a GGUF file, rounds (9).
 *
 * <p>Sizes alternate within each round. Times are the process's cpu time, which other programs on
 * the machine disturb less than the clock; medians of the rounds.
 */
public final class StepRun {
  private static final int[] SIZES = {1, 2, 3, 4, 5, 8, 12, 16};
  private static final int AT = 128; // tokens that stand before
  private static final int REPEATED = 10; // cpu time is counted in hundredths of a second

  private StepRun() {}

  /** The main. */
  public static void main(String[] args) {
    int rounds = args.length > 1 ? Integer.parseInt(args[1]) : 9;
    try (GgufFile file = GgufFile.open(Path.of(args[0]));
        Kernels kernels = Kernels.open(KernelOptions.defaults());
        LanguageModel model = LanguageModel.load(file, kernels);
        PagedKv kv = model.newKv(DType.F16, 32, 8);
        Workspace workspace = model.newWorkspace(AT)) {
      Random random = new Random(1);
      Batch batch = new Batch(AT);
      batch.blockTables = new int[][] {{0, 1, 2, 3, 4, 5, 6, 7}};
      for (int i = 0; i < AT; i++) {
        batch.add(random.nextInt(model.config().vocabSize()), i, 0, false);
      }
      model.forward(batch, kv, workspace);
      double[][] plain = new double[SIZES.length][rounds];
      double[][] alone = new double[SIZES.length][rounds];
      for (int round = -1; round < rounds; round++) {
        for (int s = 0; s < SIZES.length; s++) {
          for (boolean as : new boolean[] {false, true}) {
            batch.clear();
            for (int i = 0; i < SIZES[s]; i++) {
              batch.add(random.nextInt(model.config().vocabSize()), AT + i, 0, true);
            }
            batch.alone = as;
            long before = cpuNanos();
            for (int i = 0; i < REPEATED; i++) {
              model.forward(batch, kv, workspace);
            }
            double took = (cpuNanos() - before) / (double) REPEATED;
            if (round >= 0) {
              (as ? alone : plain)[s][round] = took;
            }
          }
        }
      }
      System.out.printf(
          Locale.ROOT, "%s, %s%n", Path.of(args[0]).getFileName(), kernels.describe());
      double one = (median(plain[0]) + median(alone[0])) / 2;
      System.out.printf(Locale.ROOT, "one token: %.1f ms of cpu time%n", one / 1e6);
      for (int s = 0; s < SIZES.length; s++) {
        System.out.printf(
            Locale.ROOT,
            "%2d tokens: %5.2f times one token; as alone %5.2f%n",
            SIZES[s],
            median(plain[s]) / one,
            median(alone[s]) / one);
      }
    }
  }

  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
