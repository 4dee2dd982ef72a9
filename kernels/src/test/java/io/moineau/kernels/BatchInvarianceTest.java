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

/**
 * What a token is given does not depend on the tokens that are computed beside it: to the bit where
 * that is asked for or the kernels are the same for any number of them, to the last bits of a float
 * elsewhere.
 */
class BatchInvarianceTest {
  private static final int[] COUNTS = {2, 3, 4, 5, 8, 9, 12};
  private static final int MOST = 12;
  private static final int ROWS = 20;
  private static final int COLUMNS = 512;

  static List<Object[]> providers() {
    List<Object[]> all = new ArrayList<>();
    for (String provider : Providers.here()) {
      for (Precision precision : Precision.values()) {
        all.add(new Object[] {provider, precision, false});
        all.add(new Object[] {provider, precision, true});
      }
    }
    return all;
  }

  /** Whether bits may not depend on the number of tokens. */
  private static boolean isSame(String provider, Precision precision, boolean asAlone, DType type) {
    if (asAlone) {
      return true;
    }
    // x86 has kernels of its own for few tokens of floats; all others add in one order.
    boolean oneOrder = provider.equals("vector") || type.isQuantized();
    return provider.equals("scalar") || (precision == Precision.EXACT && oneOrder);
  }

  @ParameterizedTest
  @MethodSource("providers")
  void matmul_besideOthers_givesWhatItGivesAlone(
      String provider, Precision precision, boolean asAlone) {
    List<String> other = new ArrayList<>();
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, precision));
        Arena arena = Arena.ofShared()) {
      for (DType type : BlockCodecs.types()) {
        RandomTensors random = new RandomTensors(arena, 9);
        TensorView weight = random.tensor(type, 0, ROWS, COLUMNS);
        FloatMatrix x = random.matrix(MOST, COLUMNS);
        float[][] alone = new float[MOST][ROWS];
        FloatMatrix one = random.zeros(1, ROWS);
        FloatMatrix row = random.zeros(1, COLUMNS);
        float[] values = new float[COLUMNS];
        float largest = 0;
        for (int t = 0; t < MOST; t++) {
          x.copyRow(t, values);
          row.setRow(0, values);
          kernels.matmul(weight, row, 1, one);
          one.copyRow(0, alone[t]);
          for (float value : alone[t]) {
            largest = Math.max(largest, Math.abs(value));
          }
        }
        int differs = 0;
        kernels.asAlone(asAlone);
        for (int n : COUNTS) {
          FloatMatrix out = random.zeros(n, ROWS);
          kernels.matmul(weight, x, n, out);
          for (int t = 0; t < n; t++) {
            for (int r = 0; r < ROWS; r++) {
              float difference = Math.abs(out.get(t, r) - alone[t][r]);
              assertThat(difference)
                  .as("%s %s %s, token %d of %d", provider, precision, type, t, n)
                  .isLessThanOrEqualTo(
                      isSame(provider, precision, asAlone, type) ? 0 : 2e-6f * largest);
              differs = difference > 0 && differs == 0 ? n : differs;
            }
          }
        }
        kernels.asAlone(false);
        if (differs > 0) {
          other.add(type + " from " + differs);
        }
      }
    }
    if (!asAlone) {
      System.out.println(provider + " " + precision + ": other bits " + other);
    }
  }

  @ParameterizedTest
  @MethodSource("providers")
  void attention_besideOthers_givesWhatItGivesAlone(
      String provider, Precision precision, boolean asAlone) {
    AttentionShape shape = new AttentionShape(8, 2, 64, 64, 0.11f, 0, null);
    int length = 300;
    int[][] tables = {new int[length / 16 + 1]};
    for (int i = 0; i < tables[0].length; i++) {
      tables[0][i] = tables[0].length - 1 - i;
    }
    try (Kernels kernels = Kernels.open(new KernelOptions(provider, 2, precision));
        Arena arena = Arena.ofShared();
        PagedKv kv = new PagedKv(DType.F16, 1, 128, 128, 16, tables[0].length)) {
      RandomTensors random = new RandomTensors(arena, 3);
      FloatMatrix keys = random.matrix(length, 128);
      FloatMatrix values = random.matrix(length, 128);
      for (int p = 0; p < length; p++) {
        kv.write(0, tables[0][p / 16], p % 16, keys, values, p);
      }
      FloatMatrix q = random.matrix(MOST, 512);
      int[] positions = new int[MOST];
      int[] sequences = new int[MOST];
      for (int start : new int[] {20, length - MOST}) { // with 2 threads the second is split
        float[][] alone = new float[MOST][512];
        float[] query = new float[512];
        FloatMatrix row = random.zeros(1, 512);
        FloatMatrix one = random.zeros(1, 512);
        for (int t = 0; t < MOST; t++) {
          positions[t] = start + t;
          q.copyRow(t, query);
          row.setRow(0, query);
          kernels.attention(shape, row, 1, new int[] {start + t}, new int[1], tables, kv, 0, one);
          one.copyRow(0, alone[t]);
        }
        kernels.asAlone(asAlone);
        for (int n : COUNTS) {
          FloatMatrix out = random.zeros(n, 512);
          kernels.attention(shape, q, n, positions, sequences, tables, kv, 0, out);
          for (int t = 0; t < n; t++) {
            for (int c = 0; c < 512; c++) {
              assertThat(Math.abs(out.get(t, c) - alone[t][c]))
                  .as("%s position %d, token %d of %d", provider, start + t, t, n)
                  .isLessThanOrEqualTo(asAlone ? 0 : 5e-6f);
            }
          }
        }
        kernels.asAlone(false);
      }
    }
  }
}
