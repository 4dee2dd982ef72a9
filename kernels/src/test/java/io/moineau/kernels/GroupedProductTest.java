package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Products of experts and heads, extreme codes and values, and independence of chunks. */
class GroupedProductTest {
  private static final DType[] TYPES = {
    DType.F32,
    DType.F16,
    DType.BF16,
    DType.Q8_0,
    DType.Q4_0,
    DType.Q4_1,
    DType.Q5_0,
    DType.Q5_1,
    DType.Q4_K,
    DType.Q5_K,
    DType.Q6_K,
    DType.IQ4_NL,
    DType.MXFP4,
    DType.Q2_K,
    DType.IQ2_XS
  };

  @ParameterizedTest
  @MethodSource("io.moineau.kernels.Providers#here")
  void expertMatmul_unequalGroups_equalsSingleProducts(String provider) {
    for (DType type : new DType[] {DType.F32, DType.Q4_0, DType.Q6_K}) {
      try (Kernels kernels = Kernels.open(new KernelOptions(provider, 3, Precision.DEFAULT));
          Arena arena = Arena.ofShared()) {
        RandomTensors random = new RandomTensors(arena, type.ordinal());
        int tokens = 23;
        int experts = 5;
        int columns = 256;
        int[] chosen = new int[tokens * 2];
        for (int i = 0; i < chosen.length; i++) {
          // Expert 3 is chosen by nobody, expert 0 by every token.
          chosen[i] = i % 2 == 0 ? 0 : new int[] {1, 2, 4, 1}[random.random().nextInt(4)];
        }
        ExpertGroups groups = new ExpertGroups(experts);
        groups.group(chosen, tokens, 2);
        TensorView gate = random.tensor(type, 2, experts, 19, columns);
        TensorView up = random.tensor(DType.Q8_0, 17, experts, 6, columns);
        FloatMatrix x = random.matrix(tokens, columns);
        FloatMatrix gateOut = random.zeros(2 * tokens, 19);
        FloatMatrix upOut = random.zeros(2 * tokens, 6);
        kernels.expertMatmul(
            new TensorView[] {gate, up}, x, groups, true, new FloatMatrix[] {gateOut, upOut});
        FloatMatrix gathered = random.zeros(2 * tokens, columns);
        float[] row = new float[columns];
        for (int i = 0; i < 2 * tokens; i++) {
          x.copyRow(groups.token(i), row);
          gathered.setRow(i, row);
        }
        FloatMatrix again = random.zeros(2 * tokens, 19);
        kernels.expertMatmul(
            new TensorView[] {gate}, gathered, groups, false, new FloatMatrix[] {again});
        FloatMatrix single = random.zeros(tokens, 19);
        FloatMatrix singleUp = random.zeros(tokens, 6);
        for (int e = 0; e < experts; e++) {
          kernels.matmul(gate.slice(e), x, tokens, single);
          kernels.matmul(up.slice(e), x, tokens, singleUp);
          for (int i = groups.start(e); i < groups.start(e) + groups.count(e); i++) {
            for (int r = 0; r < 19; r++) {
              float expected = single.get(groups.token(i), r);
              close(gateOut.get(i, r), expected, 1e-4);
              close(again.get(i, r), expected, 1e-4);
            }
            for (int r = 0; r < 6; r++) {
              close(upOut.get(i, r), singleUp.get(groups.token(i), r), 1e-4);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.moineau.kernels.Providers#here")
  void headMatmul_stridesAndOffsets_equalsDefinition(String provider) {
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, Precision.EXACT));
        Arena arena = Arena.ofShared()) {
      RandomTensors random = new RandomTensors(arena, 7);
      int heads = 3;
      TensorView[] weights = new TensorView[heads];
      for (int h = 0; h < heads; h++) {
        weights[h] = random.tensor(h == 1 ? DType.F32 : DType.Q8_0, 2, 11, 32);
      }
      for (int n : new int[] {1, 6}) {
        FloatMatrix x = random.matrix(n, heads * 40 + 5);
        FloatMatrix out = random.zeros(n, heads * 13 + 2);
        kernels.headMatmul(weights, x, 40, 5, n, out, 13, 2);
        float[] row = new float[32];
        for (int t = 0; t < n; t++) {
          assertThat(out.get(t, 0)).isZero();
          for (int h = 0; h < heads; h++) {
            for (int r = 0; r < 11; r++) {
              TensorView w = weights[h];
              BlockCodecs.of(w.type()).dequantize(w.data(), r * w.rowBytes(), row, 0, 32);
              double sum = 0;
              for (int c = 0; c < 32; c++) {
                sum += (double) row[c] * x.get(t, h * 40 + 5 + c);
              }
              close(out.get(t, h * 13 + 2 + r), (float) sum, 1e-4);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.moineau.kernels.Providers#here")
  void matmul_extremeCodes_equalsDefinition(String provider) {
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, Precision.DEFAULT));
        Arena arena = Arena.ofShared()) {
      for (DType type : TYPES) {
        for (int fill : new int[] {0x00, 0x80, 0x7F, 0x38, 0xFF}) {
          RandomTensors random = new RandomTensors(arena, fill);
          int columns = 2 * Math.max(32, type.blockSize());
          TensorView weight = random.tensor(type, 4, 3, columns);
          weight.data().fill((byte) fill);
          for (int n : new int[] {1, 9}) {
            FloatMatrix x = random.matrix(n, columns);
            for (int c = 0; c < columns; c++) {
              x.set(0, c, c % 3 == 0 ? -1e4f : 1e4f); // codes of -127 and 127
            }
            FloatMatrix out = random.zeros(n, 3);
            kernels.matmul(weight, x, n, out);
            checkFiniteOrNot(weight, x, n, out, type + " filled with " + fill);
          }
        }
      }
    }
  }

  private static void checkFiniteOrNot(
      TensorView weight, FloatMatrix x, int n, FloatMatrix out, String what) {
    int columns = (int) weight.columns();
    float[] row = new float[columns];
    BlockCodecs.of(weight.type()).dequantize(weight.data(), 0, row, 0, columns);
    float[] activation = new float[columns];
    for (int t = 0; t < n; t++) {
      x.copyRow(t, activation);
      if (weight.type().isQuantized()) {
        ActivationRounding.round(activation, 0, columns);
      }
      double sum = 0;
      double magnitude = 0;
      for (int c = 0; c < columns; c++) {
        sum += (double) row[c] * activation[c];
        magnitude += Math.abs((double) row[c] * activation[c]);
      }
      if (Double.isNaN(sum) || magnitude > Float.MAX_VALUE) {
        // With NaN or infinite scales the order of sums decides between NaN and infinity.
        assertThat(Float.isFinite(out.get(t, 0))).as("%s token %d", what, t).isFalse();
      } else {
        assertThat((double) out.get(t, 0))
            .as("%s token %d", what, t)
            .isCloseTo(sum, Offset.offset(4e-6 * magnitude + 1e-30));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.moineau.kernels.Providers#here")
  void matmul_nanInfinityAndZeroActivations_spoilOnlyTheirOwnToken(String provider) {
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, Precision.DEFAULT));
        Arena arena = Arena.ofShared()) {
      for (DType type : TYPES) {
        RandomTensors random = new RandomTensors(arena, 3);
        TensorView weight = random.tensor(type, 0, 8, 256);
        for (int n : new int[] {4, 8}) {
          FloatMatrix x = random.matrix(n, 256);
          x.set(0, 77, Float.NaN);
          x.set(1, 5, Float.POSITIVE_INFINITY);
          for (int c = 0; c < 256; c++) {
            x.set(2, c, c % 2 == 0 ? 0f : -0f);
          }
          FloatMatrix out = random.zeros(n, 8);
          kernels.matmul(weight, x, n, out);
          for (int r = 0; r < 8; r++) {
            assertThat(out.get(0, r)).as("%s NaN", type).isNaN();
            assertThat(Float.isFinite(out.get(1, r))).as("%s infinity", type).isFalse();
            assertThat(out.get(2, r)).as("%s zeros", type).isZero();
            assertThat(Float.isFinite(out.get(3, r))).as("%s finite", type).isTrue();
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.moineau.kernels.Providers#here")
  void matmul_wholePromptChunksOrSingleTokens_agree(String provider) {
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, Precision.DEFAULT));
        Arena arena = Arena.ofShared()) {
      for (DType type : TYPES) {
        RandomTensors random = new RandomTensors(arena, 11);
        TensorView weight = random.tensor(type, 2, 37, 512);
        FloatMatrix x = random.matrix(30, 512);
        FloatMatrix whole = random.zeros(30, 37);
        kernels.matmul(weight, x, 30, whole);
        for (int chunk : new int[] {1, 2, 7}) {
          FloatMatrix part = random.zeros(chunk, 512);
          FloatMatrix out = random.zeros(chunk, 37);
          float[] row = new float[512];
          for (int from = 0; from + chunk <= 30; from += chunk) {
            for (int t = 0; t < chunk; t++) {
              x.copyRow(from + t, row);
              part.setRow(t, row);
            }
            kernels.matmul(weight, part, chunk, out);
            for (int t = 0; t < chunk; t++) {
              for (int r = 0; r < 37; r++) {
                // Only the order of the sum differs: by a share of its terms' magnitudes.
                assertThat((double) out.get(t, r))
                    .as("%s chunks of %d, token %d row %d", type, chunk, from + t, r)
                    .isCloseTo(
                        whole.get(from + t, r),
                        Offset.offset(2e-6 * magnitude(weight, r, x, from + t)));
              }
            }
          }
        }
      }
    }
  }

  private static double magnitude(TensorView weight, int row, FloatMatrix x, int token) {
    int columns = (int) weight.columns();
    float[] floats = new float[columns];
    BlockCodecs.of(weight.type())
        .dequantize(weight.data(), row * weight.rowBytes(), floats, 0, columns);
    double sum = 0;
    for (int c = 0; c < columns; c++) {
      sum += Math.abs((double) floats[c] * x.get(token, c));
    }
    return sum;
  }

  @Test
  void matmul_wrongShapesOrMemory_namedErrors() {
    try (Kernels kernels = Kernels.open(KernelOptions.defaults().withThreads(2));
        Arena arena = Arena.ofShared();
        Arena confined = Arena.ofConfined()) {
      RandomTensors random = new RandomTensors(arena, 1);
      TensorView weight = random.tensor(DType.F32, 0, 4, 8);
      FloatMatrix x = random.zeros(2, 8);
      code("kernel-bad-shape", () -> kernels.matmul(weight, x, 3, random.zeros(3, 4)));
      code("kernel-bad-shape", () -> kernels.matmul(weight, x, 2, random.zeros(2, 3)));
      code("kernel-bad-shape", () -> kernels.matmul(weight, random.zeros(2, 7), 2, x));
      FloatMatrix own = FloatMatrix.allocate(confined, 2, 8);
      code("kernel-bad-memory", () -> kernels.matmul(weight, own, 2, x));
      code("kernel-bad-shape", () -> kernels.dequantizeRow(weight, 4, x, 0));
      code("kernel-bad-shape", () -> kernels.rmsNorm(x, 2, 8, 3, new float[8], 0, x));
    }
  }

  private static void code(
      String code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(KernelException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  private static void close(float actual, float expected, double tolerance) {
    assertThat((double) actual)
        .isCloseTo(expected, Offset.offset(tolerance * (1 + Math.abs(expected))));
  }

  @Test
  void dequantizeRow_unalignedRow_equalsCodec() {
    try (Kernels kernels = Kernels.open(KernelOptions.defaults().withThreads(1));
        Arena arena = Arena.ofShared()) {
      RandomTensors random = new RandomTensors(arena, 5);
      TensorView weight = random.tensor(DType.Q6_K, 17, 3, 512);
      FloatMatrix out = random.zeros(2, 512);
      kernels.dequantizeRow(weight, 2, out, 1);
      float[] expected = new float[512];
      BlockCodecs.of(DType.Q6_K).dequantize(weight.data(), 2 * weight.rowBytes(), expected, 0, 512);
      float[] actual = new float[512];
      out.copyRow(1, actual);
      assertThat(actual).containsExactly(expected);
      assertThat(out.data().get(ValueLayout.JAVA_FLOAT, 0)).isZero();
    }
  }
}
