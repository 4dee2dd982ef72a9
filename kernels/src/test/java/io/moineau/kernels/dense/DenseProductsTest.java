package io.moineau.kernels.dense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.kernels.KernelException;
import io.moineau.kernels.ThreadTeam;
import io.moineau.kernels.x86.EmulatedFloatTiles;
import io.moineau.kernels.x86.FloatTiles;
import io.moineau.kernels.x86.TileEmulator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DenseProductsTest {
  private static final TileEmulator EMULATOR = new TileEmulator();

  @AfterAll
  static void noFaults() {
    assertThat(EMULATOR.faults()).isEmpty();
    assumeTrue(EmulatedFloatTiles.open(EMULATOR).isPresent());
    assertThat(EMULATOR.products()).isPositive();
  }

  static Stream<FloatLoops> loops() {
    return FloatLoops.HERE instanceof ScalarLoops
        ? Stream.of(new ScalarLoops())
        : Stream.of(new ScalarLoops(), FloatLoops.HERE);
  }

  private record Way(String name, Factors factors, Tile tile, int threads) {
    Way(String name, Factors factors, Tile tile) {
      this(name, factors, tile, 2);
    }

    DenseProducts products(ThreadTeam team) {
      return new DenseProducts(team, factors, ignored -> tile);
    }

    /** What a factor is before it is multiplied. */
    double factor(float value) {
      return factors == Factors.BFLOAT16 ? Bfloat16.round(value) : value;
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Way> ways() {
    List<Way> ways = new ArrayList<>();
    for (Factors factors : Factors.values()) {
      loops()
          .forEach(
              loops -> ways.add(new Way(loops.describe(), factors, new LoopTile(loops, factors))));
      for (String limit : List.of("avx2", "")) {
        FloatTiles.open(factors == Factors.BFLOAT16, limit)
            .ifPresentOrElse(
                code -> ways.add(new Way(code.describe(), factors, new CodeTile(code))),
                () ->
                    System.err.println("not tested here: machine code, " + factors + " " + limit));
      }
    }
    // On one thread: around a call of the emulator whole arrays are copied there and back.
    EmulatedFloatTiles.open(EMULATOR)
        .ifPresentOrElse(
            code -> ways.add(new Way(code.describe(), Factors.BFLOAT16, new CodeTile(code), 1)),
            () -> System.err.println("not tested here: AMX by an emulator (no AVX-512 BF16)"));
    return ways.stream();
  }

  private static float[] random(long seed, int n) {
    Random random = new Random(seed);
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("ways")
  void products_ofOddShapes_equalTheDefinition(Way way) {
    try (ThreadTeam team = new ThreadTeam(way.threads())) {
      int[][] shapes = {
        {1, 1, 1},
        {7, 33, 5},
        {100, 65, 300},
        {6, 32, 256},
        {193, 31, 513},
        {14, 64, 33},
        {28, 96, 47}
      };
      for (int[] shape : shapes) {
        check(way, way.products(team), shape[0], shape[1], shape[2]);
      }
    }
  }

  private static void check(Way way, DenseProducts products, int tokens, int out, int in) {
    float[] x = random(1, tokens * in);
    float[] w = random(2, out * in);
    float[] dy = random(3, tokens * out);
    float[] y = new float[tokens * out];
    float[] dx = random(4, tokens * in);
    float[] dw = random(5, out * in);
    float[] dx0 = dx.clone();
    float[] dw0 = dw.clone();
    products.forward(x, 0, tokens, w, 0, in, out, y, 0);
    products.toInput(dy, 0, tokens, w, 0, in, out, dx, 0);
    products.toWeight(dy, 0, x, 0, tokens, in, out, dw, 0);
    products.run();
    for (int t = 0; t < tokens; t++) {
      for (int r = 0; r < out; r++) {
        double sum = 0;
        for (int c = 0; c < in; c++) {
          sum += way.factor(w[r * in + c]) * way.factor(x[t * in + c]);
        }
        assertThat((double) y[t * out + r]).isCloseTo(sum, within(1e-4));
      }
      for (int c = 0; c < in; c++) {
        double sum = dx0[t * in + c];
        for (int r = 0; r < out; r++) {
          sum += way.factor(dy[t * out + r]) * way.factor(w[r * in + c]);
        }
        assertThat((double) dx[t * in + c]).isCloseTo(sum, within(1e-4));
      }
    }
    for (int r = 0; r < out; r++) {
      for (int c = 0; c < in; c++) {
        double sum = dw0[r * in + c];
        for (int t = 0; t < tokens; t++) {
          sum += way.factor(dy[t * out + r]) * way.factor(x[t * in + c]);
        }
        assertThat((double) dw[r * in + c]).isCloseTo(sum, within(1e-4));
      }
    }
  }

  @Test
  void products_onMoreThreads_areTheSameBits() {
    float[][] results = new float[3][];
    int threads = 1;
    for (int i = 0; i < 3; i++, threads += 2) {
      try (ThreadTeam team = new ThreadTeam(threads)) {
        DenseProducts products = new DenseProducts(team);
        float[] dw = new float[130 * 70];
        products.toWeight(random(1, 700 * 130), 0, random(2, 700 * 70), 0, 700, 70, 130, dw, 0);
        products.run();
        results[i] = dw;
      }
    }
    assertThat(results[1]).isEqualTo(results[0]);
    assertThat(results[2]).isEqualTo(results[0]);
  }

  @ParameterizedTest
  @MethodSource("ways")
  void partOfAPackedProduct_equalsTheWholeOfItsPart(Way way) {
    int k = 300;
    int n = 77;
    float[] a = random(1, 9 * k);
    float[] b = random(2, k * n);
    try (ThreadTeam team = new ThreadTeam(1)) {
      DenseProducts products = way.products(team);
      for (int[] part : new int[][] {{77, 300}, {40, 299}, {33, 256}, {1, 257}, {64, 12}}) {
        float[] c = new float[9 * n];
        Operands of =
            new Operands()
                .factors(way.factors())
                .shape(9, n, k, false)
                .left(a, 0, k, 1)
                .right(b, 0, n, 1)
                .result(c, 0, n);
        products.packHere(0, 2, of);
        products.multiplyPacked(0, 2, of, part[0], part[1]);
        for (int i = 0; i < 9; i++) {
          for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int p = 0; p < part[1] && j < part[0]; p++) {
              sum += way.factor(a[i * k + p]) * way.factor(b[p * n + j]);
            }
            assertThat((double) c[i * n + j]).isCloseTo(sum, within(1e-4));
          }
        }
      }
    }
  }

  @Test
  void product_ofNoDepth_isZeroOrUnchanged() {
    try (ThreadTeam team = new ThreadTeam(1)) {
      DenseProducts products = new DenseProducts(team);
      float[] c = {1, 2};
      float[] d = {1, 2};
      products.add().shape(1, 2, 0, false).result(c, 0, 2);
      products.add().shape(1, 2, 0, true).result(d, 0, 2);
      products.run();
      assertThat(c).containsExactly(0, 0);
      assertThat(d).containsExactly(1, 2);
    }
  }

  @Test
  void product_beyondItsArray_isRefused() {
    try (ThreadTeam team = new ThreadTeam(1)) {
      DenseProducts products = new DenseProducts(team);
      products.forward(new float[10], 0, 3, new float[16], 0, 4, 4, new float[12], 0);
      assertThatThrownBy(products::run)
          .isInstanceOf(KernelException.class)
          .hasMessageContaining("at least 12");
    }
  }

  /** One order of additions: a training is the same on loops and on machine code. */
  @Test
  void floatProducts_inMachineCode_areTheSameBitsAsTheLoops() {
    Tile code = Tile.here(Factors.FLOAT32);
    assumeTrue(code instanceof CodeTile, "no machine code here");
    assumeTrue(FloatLoops.HERE instanceof VectorLoops, "no Vector API here");
    float[][] results = new float[2][130 * 70];
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (int i = 0; i < 2; i++) {
        Tile tile = i == 0 ? code : new LoopTile(FloatLoops.HERE, Factors.FLOAT32);
        DenseProducts products = new DenseProducts(team, Factors.FLOAT32, ignored -> tile);
        float[] dy = random(1, 700 * 130);
        products.toWeight(dy, 0, random(2, 700 * 70), 0, 700, 70, 130, results[i], 0);
        products.run();
      }
    }
    assertThat(results[1]).isEqualTo(results[0]);
  }

  @Test
  void bfloat16_ofAnyFloat_isTheNearest() {
    Random random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      float value = Float.intBitsToFloat(random.nextInt());
      float rounded = Bfloat16.round(value);
      if (!Float.isFinite(value)) {
        assertThat(Float.valueOf(rounded)).isEqualTo(Float.valueOf(value));
        continue;
      }
      int bits = Float.floatToRawIntBits(value);
      double below = Float.intBitsToFloat(bits & 0xFFFF0000);
      double above = below + (Float.intBitsToFloat(bits & 0xFF800000) / 128.0);
      if (Math.abs(value) < Float.MIN_NORMAL) {
        assertThat(rounded).isZero();
      } else if (Math.abs(above) <= Float.MAX_VALUE) {
        double error = Math.min(Math.abs(value - below), Math.abs(value - above));
        assertThat(Math.abs((double) value - rounded)).isEqualTo(error);
      }
    }
    assertThat(Bfloat16.round(Float.intBitsToFloat(0x3F808000))).isEqualTo(1); // between two
    assertThat(Bfloat16.round(Float.intBitsToFloat(0x3F818000))).isEqualTo(0x1.04p0f);
    assertThat(Bfloat16.round(Float.MAX_VALUE)).isInfinite();
  }

  @ParameterizedTest
  @MethodSource("loops")
  void functions_equalTheirDefinition(FloatLoops loops) {
    for (int n : List.of(1, 16, 37, 100)) {
      float[] x = random(n, n);
      float[] y = random(n + 1, n);
      float[] d = random(n + 2, n);
      double dot = 0;
      double max = Double.NEGATIVE_INFINITY;
      for (int i = 0; i < n; i++) {
        dot += (double) x[i] * y[i];
        max = Math.max(max, x[i]);
      }
      assertThat((double) loops.dot(x, 0, y, 0, n)).isCloseTo(dot, within(1e-5 * n));
      assertThat((double) loops.max(x, 0, n)).isEqualTo(max);
      float[] exp = x.clone();
      double sum = loops.expSum(exp, 0, n, 3, 0.5f);
      double expected = 0;
      for (int i = 0; i < n; i++) {
        double one = Math.exp(3.0 * x[i] - 0.5);
        assertThat(exp[i] / one).isCloseTo(1, within(2e-6));
        expected += one;
      }
      assertThat(sum / expected).isCloseTo(1, within(2e-6));
      float[] out = new float[n];
      loops.swiGlu(x, y, out, 0, n);
      float[] gate = x.clone();
      float[] up = y.clone();
      loops.swiGluGradient(gate, up, d, 0, n);
      for (int i = 0; i < n; i++) {
        double s = 1 / (1 + Math.exp(-x[i]));
        assertThat((double) out[i]).isCloseTo(x[i] * s * y[i], within(1e-6));
        assertThat((double) gate[i])
            .isCloseTo(d[i] * y[i] * s * (1 + x[i] * (1 - s)), within(5e-6));
        assertThat((double) up[i]).isCloseTo(d[i] * x[i] * s, within(5e-6));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("loops")
  void exp_atTheEnds_isFinite(FloatLoops loops) {
    float[] x = new float[64];
    java.util.Arrays.fill(x, -1000);
    x[0] = 1000;
    x[1] = Float.NEGATIVE_INFINITY;
    loops.expSum(x, 0, 64, 1, 0);
    assertThat(x[0]).isGreaterThan(1e38f).isLessThan(Float.POSITIVE_INFINITY);
    assertThat(x[1]).isBetween(0f, 2e-38f);
    assertThat(x[63]).isBetween(0f, 2e-38f);
  }
}
