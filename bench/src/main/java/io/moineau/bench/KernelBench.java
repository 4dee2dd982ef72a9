package io.moineau.bench;

import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.Precision;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/**
 * Speed of products as a model runs them, through the facade and its thread team: GB of weights per
 * second for one token, read from memory (200 MB of them), and GFLOPS for 512 tokens.
 *
 * <p>Arguments: provider, threads, weight types separated by commas. The best of a dozen runs is
 * told, since on a shared machine the others measure the neighbours.
 */
public final class KernelBench {
  private static final int ROWS = 1408;
  private static final int COLUMNS = 2048;
  private static final int TOKENS = 512;
  private static final int RUNS = 12;

  private KernelBench() {}

  /** See the class. */
  public static void main(String[] args) {
    PrintStream out = System.out;
    String provider = args.length > 0 ? args[0] : "auto";
    int threads = args.length > 1 ? Integer.parseInt(args[1]) : 0;
    String types = args.length > 2 ? args[2] : "Q8_0,Q4_0,Q4_K,Q6_K,F16,F32";
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, threads, Precision.DEFAULT));
        Arena arena = Arena.ofShared()) {
      out.println(kernels.describe() + ", " + kernels.threads() + " threads");
      for (String name : types.split(",")) {
        measure(kernels, arena, DType.valueOf(name), out);
      }
    }
  }

  private static void measure(Kernels kernels, Arena arena, DType type, PrintStream out) {
    long matrixBytes = type.bytesFor(COLUMNS) * ROWS;
    int matrices = (int) Math.max(1, (200L << 20) / matrixBytes);
    MemorySegment data = arena.allocate(matrixBytes * matrices, 64);
    Random random = new Random(1);
    for (long i = 0; i + 8 <= data.byteSize(); i += 8) {
      // Every pair of bytes is a half float of moderate size, wherever a block has its scale.
      data.set(ValueLayout.JAVA_LONG_UNALIGNED, i, random.nextLong() & 0x2FFF2FFF2FFF2FFFL);
    }
    TensorView large =
        new TensorView("large", type, Shape.of((long) ROWS * matrices, COLUMNS), data);
    TensorView one =
        new TensorView("one", type, Shape.of(ROWS, COLUMNS), data.asSlice(0, matrixBytes));
    FloatMatrix x = FloatMatrix.allocate(arena, TOKENS, COLUMNS);
    for (int t = 0; t < TOKENS; t++) {
      for (int c = 0; c < COLUMNS; c++) {
        x.set(t, c, (float) random.nextGaussian());
      }
    }
    FloatMatrix decoded = FloatMatrix.allocate(arena, 1, ROWS * matrices);
    FloatMatrix filled = FloatMatrix.allocate(arena, TOKENS, ROWS);
    double decode = best(() -> kernels.matmul(large, x, 1, decoded));
    double prefill = best(() -> kernels.matmul(one, x, TOKENS, filled));
    out.printf(
        "%-7s decode %6.1f GB/s   prefill %6.0f GFLOPS%n",
        type, data.byteSize() / decode / 1e9, 2.0 * ROWS * COLUMNS * TOKENS / prefill / 1e9);
  }

  private static double best(Runnable task) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < RUNS; i++) {
      long start = System.nanoTime();
      task.run();
      best = Math.min(best, (System.nanoTime() - start) * 1e-9);
    }
    return best;
  }
}
