package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations on rows, by each provider, against their formulas in double; odd lengths. */
class RowOperationTest {
  private static final int[] LENGTHS = {1, 3, 16, 31, 64, 77, 1000};

  @ParameterizedTest
  @MethodSource("io.moineau.kernels.Providers#here")
  void swiGlu_allMagnitudes_equalsFormula(String provider) {
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, Precision.DEFAULT));
        Arena arena = Arena.ofShared()) {
      for (int columns : LENGTHS) {
        RandomTensors random = new RandomTensors(arena, columns);
        int n = 40;
        FloatMatrix gate = random.matrix(n, columns);
        FloatMatrix clamped = random.zeros(n, columns);
        FloatMatrix up = random.matrix(n, columns);
        for (int t = 0; t < n; t++) {
          for (int c = 0; c < columns; c++) {
            gate.set(t, c, gate.get(t, c) * (1 << t % 9));
            up.set(t, c, up.get(t, c) * 5);
            clamped.set(t, c, gate.get(t, c));
          }
        }
        FloatMatrix before = random.zeros(n, columns);
        before.data().copyFrom(gate.data());
        kernels.swiGlu(gate, up, n, columns);
        kernels.clampedSwiGlu(clamped, up, n, columns, 1.702f, 7);
        for (int t = 0; t < n; t++) {
          for (int c = 0; c < columns; c++) {
            double g = before.get(t, c);
            double u = up.get(t, c);
            close(gate.get(t, c), g / (1 + Math.exp(-g)) * u);
            double low = Math.min(g, 7);
            double bounded = Math.max(-7, Math.min(7, u));
            close(clamped.get(t, c), (bounded + 1) * low / (1 + Math.exp(-1.702f * low)));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.moineau.kernels.Providers#here")
  void rmsNorm_wholeRowsAndGroups_equalsFormula(String provider) {
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, Precision.DEFAULT));
        Arena arena = Arena.ofShared()) {
      for (int part : LENGTHS) {
        for (int groups : new int[] {1, 3}) {
          for (boolean shared : new boolean[] {true, false}) {
            RandomTensors random = new RandomTensors(arena, part);
            int columns = part * groups;
            float[] weight = new float[shared ? part : columns];
            for (int i = 0; i < weight.length; i++) {
              weight[i] = (float) random.random().nextGaussian();
            }
            FloatMatrix x = random.matrix(3, columns + 1);
            FloatMatrix out = random.zeros(3, columns + 1);
            kernels.rmsNorm(x, 3, columns, groups, weight, 1e-5f, out);
            for (int t = 0; t < 3; t++) {
              assertThat(out.get(t, columns)).isZero();
              for (int c = 0; c < columns; c++) {
                double squares = 0;
                for (int i = c / part * part; i < (c / part + 1) * part; i++) {
                  squares += (double) x.get(t, i) * x.get(t, i);
                }
                double factor = 1 / Math.sqrt(squares / part + 1e-5f);
                close(out.get(t, c), x.get(t, c) * factor * weight[shared ? c % part : c]);
              }
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.moineau.kernels.Providers#here")
  void rope_bothPairings_rotatesPairs(String provider) {
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, Precision.DEFAULT));
        Arena arena = Arena.ofShared()) {
      for (int dim : new int[] {2, 12, 32, 64}) {
        for (boolean neox : new boolean[] {true, false}) {
          RandomTensors random = new RandomTensors(arena, dim);
          int stride = dim + 5;
          FloatMatrix x = random.matrix(4, 3 * stride);
          FloatMatrix before = random.zeros(4, 3 * stride);
          before.data().copyFrom(x.data());
          FloatMatrix cos = random.matrix(4, dim / 2);
          FloatMatrix sin = random.matrix(4, dim / 2);
          kernels.rope(x, 4, 3, stride, 3, dim, cos, sin, neox);
          for (int t = 0; t < 4; t++) {
            for (int h = 0; h < 3; h++) {
              for (int i = 0; i < dim / 2; i++) {
                int a = h * stride + 3 + (neox ? i : 2 * i);
                int b = neox ? a + dim / 2 : a + 1;
                double u = before.get(t, a);
                double v = before.get(t, b);
                close(x.get(t, a), u * cos.get(t, i) - v * sin.get(t, i));
                close(x.get(t, b), u * sin.get(t, i) + v * cos.get(t, i));
              }
              assertThat(x.get(t, h * stride)).isEqualTo(before.get(t, h * stride));
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.moineau.kernels.Providers#here")
  void additions_oddLengths_equalFormulas(String provider) {
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, Precision.DEFAULT));
        Arena arena = Arena.ofShared()) {
      for (int columns : LENGTHS) {
        RandomTensors random = new RandomTensors(arena, columns);
        FloatMatrix x = random.matrix(2, columns);
        FloatMatrix y = random.matrix(2, columns);
        FloatMatrix before = random.zeros(2, columns);
        before.data().copyFrom(x.data());
        float[] bias = new float[columns];
        java.util.Arrays.fill(bias, 0.25f);
        kernels.add(x, y, 2, columns);
        kernels.addBias(x, 2, bias);
        kernels.addScaled(x, 1, y, 0, columns, -3);
        for (int c = 0; c < columns; c++) {
          close(x.get(0, c), before.get(0, c) + y.get(0, c) + 0.25);
          close(x.get(1, c), before.get(1, c) + y.get(1, c) + 0.25 - 3 * y.get(0, c));
        }
      }
    }
  }

  private static void close(float actual, double expected) {
    assertThat((double) actual)
        .isCloseTo(expected, Offset.offset(1e-5 * Math.abs(expected) + 1e-5));
  }
}
