package io.moineau.bench.jmh;

import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.Precision;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Products as a model runs them, through the facade and its team: {@code bench/jmh}. Weights are 64
 * matrices of 1408 x 2048 that are taken in turn, so that they come from memory.
 */
@NullUnmarked // JMH sets the fields
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class ProductBenchmark {
  private static final int ROWS = 1408;
  private static final int COLUMNS = 2048;
  private static final int MATRICES = 64;

  /** A provider, as {@code MOINEAU_KERNELS} takes it. */
  @Param({"vector", "auto"})
  public String provider;

  /** Type of the weights. */
  @Param({"Q4_0", "Q8_0", "Q4_K", "Q6_K"})
  public String type;

  /** Activations per product. */
  @Param({"1", "16", "512"})
  public int tokens;

  private Kernels kernels;
  private Arena arena;
  private TensorView[] weights;
  private FloatMatrix x;
  private FloatMatrix out;
  private int next;

  /** Makes weights and activations from a seed. */
  @Setup
  public void setUp() {
    kernels = Kernels.open(new KernelOptions(provider, 0, Precision.DEFAULT));
    arena = Arena.ofShared();
    DType dtype = DType.valueOf(type);
    long bytes = dtype.bytesFor(COLUMNS) * ROWS;
    Random random = new Random(1);
    weights = new TensorView[MATRICES];
    for (int m = 0; m < MATRICES; m++) {
      MemorySegment data = arena.allocate(bytes, 64);
      for (long i = 0; i + 8 <= bytes; i += 8) {
        // Every pair of bytes is a half float of moderate size, wherever a block has its scale.
        data.set(ValueLayout.JAVA_LONG_UNALIGNED, i, random.nextLong() & 0x2FFF2FFF2FFF2FFFL);
      }
      weights[m] = new TensorView("w", dtype, Shape.of(ROWS, COLUMNS), data);
    }
    x = FloatMatrix.allocate(arena, tokens, COLUMNS);
    for (int t = 0; t < tokens; t++) {
      for (int c = 0; c < COLUMNS; c++) {
        x.set(t, c, (float) random.nextGaussian());
      }
    }
    out = FloatMatrix.allocate(arena, tokens, ROWS);
  }

  /** One product. */
  @Benchmark
  public void matmul() {
    kernels.matmul(weights[next], x, tokens, out);
    next = (next + 1) % MATRICES;
  }

  /** Ends the threads and frees the memory. */
  @TearDown
  public void tearDown() {
    kernels.close();
    arena.close();
  }
}
