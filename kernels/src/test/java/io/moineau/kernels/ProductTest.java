package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every provider times every weight type against sums in double of the dequantised weights. */
class ProductTest {
  static List<Object[]> providersAndTypes() {
    List<Object[]> all = new ArrayList<>();
    for (String provider : Providers.here()) {
      for (DType type : BlockCodecs.types()) {
        all.add(new Object[] {provider, type});
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("providersAndTypes")
  void matmul_oddSizesBothPrecisions_equalsDefinition(String provider, DType type) {
    int block = type.blockSize();
    int[][] sizes = {
      {1, 1, 1}, {7, 2, 1}, {5, 1, 3}, {33, 3, 5}, {19, 4, 17}, {3, 1, 70}, {33, 3, 1}, {21, 5, 2}
    };
    int[] misaligned = {0, 2, 4, 17};
    for (Precision precision : Precision.values()) {
      for (int threads : new int[] {1, 3}) {
        KernelOptions options = new KernelOptions(provider, threads, precision);
        try (Kernels kernels = Kernels.open(options);
            Arena arena = Arena.ofShared()) {
          for (int i = 0; i < sizes.length; i++) {
            int columns = block == 1 ? sizes[i][1] * 37 : sizes[i][1] * block;
            long seed = 100 * i + type.ordinal();
            RandomTensors random = new RandomTensors(arena, seed);
            TensorView weight =
                random.tensor(type, misaligned[i % misaligned.length], sizes[i][0], columns);
            FloatMatrix x = random.matrix(sizes[i][2], columns + 3);
            FloatMatrix out = random.zeros(sizes[i][2], sizes[i][0] + 2);
            kernels.matmul(weight, x, sizes[i][2], out);
            check(weight, x, sizes[i][2], out, precision, type + " seed " + seed);
          }
        }
      }
    }
  }

  static List<Object[]> providersAndFloats() {
    return providersAndTypes().stream()
        .filter(of -> List.of(DType.F32, DType.F16, DType.BF16).contains((DType) of[1]))
        .toList();
  }

  /** Whole steps of the code for floats, with strips that are not full and depths that are cut. */
  @ParameterizedTest
  @MethodSource("providersAndFloats")
  void matmul_floatWeightsManyTokens_equalsDefinition(String provider, DType type) {
    int[][] sizes = { // rows, columns, activations
      {1, 16, 5},
      {15, 32, 6},
      {16, 48, 7},
      {33, 16, 13},
      {64, 2048, 5},
      {47, 2064, 8},
      {9, 4112, 19}
    };
    for (int threads : new int[] {1, 3}) {
      KernelOptions options = new KernelOptions(provider, threads, Precision.DEFAULT);
      try (Kernels kernels = Kernels.open(options);
          Arena arena = Arena.ofShared()) {
        for (int[] size : sizes) {
          RandomTensors random = new RandomTensors(arena, size[1] + type.ordinal());
          TensorView weight = random.tensor(type, 2, size[0], size[1]);
          FloatMatrix x = random.matrix(size[2], size[1] + 3);
          FloatMatrix out = random.zeros(size[2], size[0] + 2);
          kernels.matmul(weight, x, size[2], out);
          check(weight, x, size[2], out, Precision.DEFAULT, type + " " + size[0] + "x" + size[1]);
        }
      }
    }
  }

  static void check(
      TensorView weight, FloatMatrix x, int n, FloatMatrix out, Precision precision, String what) {
    int columns = (int) weight.columns();
    float[] row = new float[columns];
    float[] activation = new float[x.columns()];
    for (int r = 0; r < weight.rows(); r++) {
      BlockCodecs.of(weight.type())
          .dequantize(weight.data(), r * weight.rowBytes(), row, 0, columns);
      for (int t = 0; t < n; t++) {
        x.copyRow(t, activation);
        if (precision == Precision.DEFAULT && weight.type().isQuantized()) {
          ActivationRounding.round(activation, 0, columns);
        }
        double sum = 0;
        double magnitude = 0;
        for (int c = 0; c < columns; c++) {
          sum += (double) row[c] * activation[c];
          magnitude += Math.abs((double) row[c] * activation[c]);
        }
        assertThat((double) out.get(t, r))
            .as("%s %s weight row %d token %d", what, precision, r, t)
            .isCloseTo(sum, org.assertj.core.data.Offset.offset(2e-6 * magnitude + 1e-30));
      }
    }
    for (int t = 0; t < n; t++) {
      assertThat(out.get(t, (int) weight.rows())).as("%s: beyond the result", what).isZero();
    }
  }
}
