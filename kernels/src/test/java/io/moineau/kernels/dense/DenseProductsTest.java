package io.moineau.kernels.dense;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.moineau.kernels.KernelException;
import io.moineau.kernels.ThreadTeam;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class DenseProductsTest {
  static Stream<FloatLoops> loops() {
    return FloatLoops.HERE instanceof ScalarLoops
        ? Stream.of(new ScalarLoops())
        : Stream.of(new ScalarLoops(), FloatLoops.HERE);
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
  @MethodSource("loops")
  void products_ofOddShapes_equalTheDefinition(FloatLoops loops) {
    try (ThreadTeam team = new ThreadTeam(2)) {
      DenseProducts products = new DenseProducts(team, loops);
      int[][] shapes = {{1, 1, 1}, {7, 33, 5}, {100, 65, 300}, {6, 32, 256}, {193, 31, 513}};
      for (int[] shape : shapes) {
        check(products, shape[0], shape[1], shape[2]);
      }
    }
  }

  private static void check(DenseProducts products, int tokens, int out, int in) {
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
          sum += (double) w[r * in + c] * x[t * in + c];
        }
        assertThat((double) y[t * out + r]).isCloseTo(sum, within(1e-4));
      }
      for (int c = 0; c < in; c++) {
        double sum = dx0[t * in + c];
        for (int r = 0; r < out; r++) {
          sum += (double) dy[t * out + r] * w[r * in + c];
        }
        assertThat((double) dx[t * in + c]).isCloseTo(sum, within(1e-4));
      }
    }
    for (int r = 0; r < out; r++) {
      for (int c = 0; c < in; c++) {
        double sum = dw0[r * in + c];
        for (int t = 0; t < tokens; t++) {
          sum += (double) dy[t * out + r] * x[t * in + c];
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
  @MethodSource("loops")
  void partOfAPackedProduct_equalsTheWholeOfItsPart(FloatLoops loops) {
    int k = 300;
    int n = 77;
    float[] a = random(1, 9 * k);
    float[] b = random(2, k * n);
    try (ThreadTeam team = new ThreadTeam(1)) {
      DenseProducts products = new DenseProducts(team, loops);
      for (int[] part : new int[][] {{77, 300}, {40, 299}, {33, 256}, {1, 257}, {64, 12}}) {
        float[] c = new float[9 * n];
        Operands of =
            new Operands().shape(9, n, k, false).left(a, 0, k, 1).right(b, 0, n, 1).result(c, 0, n);
        products.packHere(0, 2, of);
        products.multiplyPacked(0, 2, of, part[0], part[1]);
        for (int i = 0; i < 9; i++) {
          for (int j = 0; j < n; j++) {
            double sum = 0;
            for (int p = 0; p < part[1] && j < part[0]; p++) {
              sum += (double) a[i * k + p] * b[p * n + j];
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
