package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention of each provider against the formula in double over the same stored keys. */
class AttentionTest {
  /** heads, key-value heads, keyDim, valueDim (0: in the keys), window, sinks. */
  private static final int[][] SHAPES = {
    {4, 2, 64, 64, 0, 0},
    {6, 1, 96, 0, 0, 0},
    {16, 1, 192, 0, 0, 0},
    {5, 5, 32, 64, 0, 1},
    {8, 2, 64, 32, 5, 1},
    {3, 1, 128, 128, 1, 0},
    {2, 1, 20, 12, 0, 0},
  };

  static List<Object[]> cases() {
    List<Object[]> all = new ArrayList<>();
    for (String provider : Providers.here()) {
      for (DType type : List.of(DType.F32, DType.F16, DType.Q8_0)) {
        for (int i = 0; i < SHAPES.length; i++) {
          if (type != DType.Q8_0 || SHAPES[i][2] % 32 == 0) {
            all.add(new Object[] {provider, type, i});
          }
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("cases")
  void attention_acrossBlocks_equalsFormula(String provider, DType type, int which) {
    int[] s = SHAPES[which];
    int valueDim = s[3] == 0 ? s[2] / 2 : s[3];
    Random random = new Random(which);
    float[] sinks = null;
    if (s[5] == 1) {
      sinks = new float[s[0]];
      for (int h = 0; h < s[0]; h++) {
        sinks[h] = (float) random.nextGaussian();
      }
    }
    AttentionShape shape = new AttentionShape(s[0], s[1], s[2], valueDim, 0.17f, s[4], sinks);
    int blockTokens = 7;
    int[][] tables = {{5, 2, 0, 9, 3, 1, 4}, {8, 6, 7, 10}};
    int length = 41;
    for (int threads : new int[] {1, 3, 8}) {
      try (Arena arena = Arena.ofShared();
          Kernels kernels = Kernels.open(new KernelOptions(provider, threads, Precision.DEFAULT));
          PagedKv kv =
              new PagedKv(type, 2, s[1] * s[2], s[3] == 0 ? 0 : s[1] * s[3], blockTokens, 11)) {
        RandomTensors tensors = new RandomTensors(arena, which);
        FloatMatrix keys = tensors.matrix(2 * length, s[1] * s[2]);
        FloatMatrix values = tensors.matrix(2 * length, Math.max(1, s[1] * s[3]));
        for (int i = 0; i < 2; i++) {
          for (int p = 0; p < (i == 0 ? length : 25); p++) {
            int block = tables[i][p / blockTokens];
            kv.write(1, block, p % blockTokens, keys, values, i * length + p);
          }
        }
        int[] positions = {0, 6, 7, 40, 24, 3, 13};
        int[] sequences = {0, 0, 0, 0, 1, 1, 0};
        FloatMatrix q = tensors.matrix(7, s[0] * s[2]);
        FloatMatrix out = tensors.zeros(7, s[0] * valueDim + 1);
        // All tokens in one batch, then the longest alone (whose positions are then split).
        kernels.attention(shape, q, 7, positions, sequences, tables, kv, 1, out);
        check(shape, q, positions, sequences, tables, kv, out, 0, 7);
        FloatMatrix alone = tensors.zeros(1, s[0] * valueDim);
        kernels.attention(shape, q, 1, new int[] {40}, new int[] {0}, tables, kv, 1, alone);
        check(shape, q, new int[] {40}, new int[] {0}, tables, kv, alone, 0, 1);
      }
    }
  }

  /** heads, key-value heads, keyDim, valueDim (0: in the keys), window, sinks. */
  private static final int[][] LONG_SHAPES = {
    {8, 2, 64, 64, 0, 0},
    {3, 3, 32, 96, 0, 1},
    {16, 1, 96, 0, 0, 0},
    {40, 1, 64, 64, 0, 0},
    {8, 2, 64, 32, 33, 1},
  };

  static List<Object[]> longCases() {
    List<Object[]> all = new ArrayList<>();
    for (String provider : Providers.here()) {
      for (DType type : List.of(DType.F32, DType.F16, DType.Q8_0)) {
        for (int i = 0; i < LONG_SHAPES.length; i++) {
          all.add(new Object[] {provider, type, i});
        }
      }
    }
    return all;
  }

  @ParameterizedTest
  @MethodSource("longCases")
  void attention_promptInTwoChunksAndOneToken_equalsFormula(
      String provider, DType type, int which) {
    int[] s = LONG_SHAPES[which];
    int valueDim = s[3] == 0 ? s[2] / 2 : s[3];
    float[] sinks = null;
    if (s[5] == 1) {
      sinks = new float[s[0]];
      java.util.Arrays.fill(sinks, 0.3f);
    }
    AttentionShape shape = new AttentionShape(s[0], s[1], s[2], valueDim, 0.11f, s[4], sinks);
    int length = 150;
    int[][] tables = {new int[length / 16 + 1]};
    for (int i = 0; i < tables[0].length; i++) {
      tables[0][i] = tables[0].length - 1 - i;
    }
    for (int threads : new int[] {1, 4}) {
      try (Arena arena = Arena.ofShared();
          Kernels kernels = Kernels.open(new KernelOptions(provider, threads, Precision.DEFAULT));
          PagedKv kv =
              new PagedKv(
                  type, 2, s[1] * s[2], s[3] == 0 ? 0 : s[1] * s[3], 16, tables[0].length)) {
        RandomTensors tensors = new RandomTensors(arena, which);
        FloatMatrix keys = tensors.matrix(length, s[1] * s[2]);
        FloatMatrix values = tensors.matrix(length, Math.max(1, s[1] * s[3]));
        for (int p = 0; p < length; p++) {
          kv.write(1, tables[0][p / 16], p % 16, keys, values, p);
        }
        for (int[] range : new int[][] {{0, 35}, {35, 149}, {149, 150}}) {
          int n = range[1] - range[0];
          FloatMatrix q = tensors.matrix(n, s[0] * s[2]);
          FloatMatrix out = tensors.zeros(n, s[0] * valueDim);
          int[] positions = new int[n];
          for (int t = 0; t < n; t++) {
            positions[t] = range[0] + t;
          }
          kernels.attention(shape, q, n, positions, new int[n], tables, kv, 1, out);
          check(shape, q, positions, new int[n], tables, kv, out, 0, n);
        }
      }
    }
  }

  private static void check(
      AttentionShape shape,
      FloatMatrix q,
      int[] positions,
      int[] sequences,
      int[][] tables,
      PagedKv kv,
      FloatMatrix out,
      int from,
      int n) {
    int perKv = shape.numHeads() / shape.numKeyValueHeads();
    for (int t = from; t < n; t++) {
      int first =
          shape.slidingWindow() == 0 ? 0 : Math.max(0, positions[t] - shape.slidingWindow() + 1);
      for (int h = 0; h < shape.numHeads(); h++) {
        double total = shape.sinks() == null ? 0 : Math.exp(shape.sinks()[h]);
        double[] sum = new double[shape.valueDim()];
        for (int p = first; p <= positions[t]; p++) {
          int block = tables[sequences[t]][p / kv.blockTokens()];
          int slot = p % kv.blockTokens();
          float[] key = kv.key(1, block, slot);
          float[] value = kv.valueColumns() == 0 ? key : kv.value(1, block, slot);
          double dot = 0;
          for (int c = 0; c < shape.keyDim(); c++) {
            dot += (double) q.get(t, h * shape.keyDim() + c) * key[h / perKv * shape.keyDim() + c];
          }
          double weight = Math.exp(dot * shape.scale());
          total += weight;
          for (int c = 0; c < shape.valueDim(); c++) {
            sum[c] += weight * value[h / perKv * shape.valueDim() + c];
          }
        }
        for (int c = 0; c < shape.valueDim(); c++) {
          assertThat((double) out.get(t, h * shape.valueDim() + c))
              .as("token %d head %d column %d", t, h, c)
              .isCloseTo(sum[c] / total, Offset.offset(2e-5));
        }
      }
    }
  }

  @Test
  void attention_positionOutsideTable_namedError() {
    try (Arena arena = Arena.ofShared();
        Kernels kernels = Kernels.open(KernelOptions.defaults().withThreads(1));
        PagedKv kv = new PagedKv(DType.F32, 1, 16, 16, 4, 2)) {
      FloatMatrix q = FloatMatrix.allocate(arena, 1, 16);
      AttentionShape shape = new AttentionShape(1, 1, 16, 16, 1, 0, null);
      for (int[] table : new int[][] {{0, 1}, {0, 7, 1}, {0, -1, 1}}) {
        int position = table.length == 2 ? 8 : 11;
        assertThatThrownBy(() ->
                kernels.attention(
                    shape,
                    q,
                    1,
                    new int[] {position},
                    new int[] {0},
                    new int[][] {table},
                    kv,
                    0,
                    q))
            .isInstanceOfSatisfying(
                KernelException.class, e -> assertThat(e.code()).isEqualTo("kernel-bad-kv-slot"));
      }
    }
  }
}
