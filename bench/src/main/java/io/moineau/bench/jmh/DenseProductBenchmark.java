package io.moineau.bench.jmh;

import io.moineau.kernels.ThreadTeam;
import io.moineau.kernels.dense.DenseProducts;
import io.moineau.kernels.dense.Factors;
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
 * Products of a training, on one thread: {@code bench/jmh DenseProductBenchmark}. {@code
 * MOINEAU_KERNELS=vector} or {@code MOINEAU_CPU=avx2} before it leaves machine code, or AVX-512,
 * out.
 */
@NullUnmarked // JMH sets the fields
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DenseProductBenchmark {
  /** What factors are rounded to. */
  @Param({"FLOAT32", "BFLOAT16"})
  public Factors factors;

  /** Tokens, outputs, inputs of a layer. */
  @Param({"2048x256x256", "2048x4096x256", "2048x256x768", "256x256x256"})
  public String shape;

  private ThreadTeam team;
  private DenseProducts products;
  private int tokens;
  private int out;
  private int in;
  private float[] x;
  private float[] w;
  private float[] y;
  private float[] dx;
  private float[] dw;

  /** Fills the operands. */
  @Setup
  public void setUp() {
    String[] sizes = shape.split("x");
    tokens = Integer.parseInt(sizes[0]);
    out = Integer.parseInt(sizes[1]);
    in = Integer.parseInt(sizes[2]);
    team = new ThreadTeam(1);
    products = new DenseProducts(team, factors);
    x = random(tokens * in);
    w = random(out * in);
    y = random(tokens * out);
    dx = new float[tokens * in];
    dw = new float[out * in];
  }

  private static float[] random(int n) {
    Random random = new Random(n);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Ends the threads. */
  @TearDown
  public void tearDown() {
    team.close();
  }

  /** A linear layer. */
  @Benchmark
  public void forward() {
    products.forward(x, 0, tokens, w, 0, in, out, y, 0);
    products.run();
  }

  /** Its gradient to the input. */
  @Benchmark
  public void toInput() {
    products.toInput(y, 0, tokens, w, 0, in, out, dx, 0);
    products.run();
  }

  /** Its gradient to the weights. */
  @Benchmark
  public void toWeight() {
    products.toWeight(y, 0, x, 0, tokens, in, out, dw, 0);
    products.run();
  }
}
