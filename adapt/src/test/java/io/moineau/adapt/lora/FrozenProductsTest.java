package io.moineau.adapt.lora;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.adapt.block.Workers;
import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever the slices: of less than a row, of some rows, of several matrices. */
final class FrozenProductsTest {
  private static final int COLUMNS = 64;

  private final Random random = new Random(3);

  private float[] floats(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private TensorView weight(int rows) {
    MemorySegment bytes = Arena.ofAuto().allocate(DType.Q8_0.bytesFor((long) rows * COLUMNS));
    BlockCodecs.encoder(DType.Q8_0).quantize(floats(rows * COLUMNS), 0, bytes, 0, rows * COLUMNS);
    return new TensorView("w", DType.Q8_0, Shape.of(rows, COLUMNS), bytes);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 70 * COLUMNS, 150 * COLUMNS, 1 << 20})
  void products_equalThoseInDoubles(int buffer) {
    TensorView[] views = {weight(300), weight(5), weight(130)};
    int tokens = 9;
    int stride = 310;
    float[][] wide = new float[3][]; // rows of the matrices, further apart than they are long
    float[][] narrow = new float[3][];
    float[] sum = floats(tokens * COLUMNS);
    double[] expectedSum = new double[sum.length];
    for (int i = 0; i < sum.length; i++) {
      expectedSum[i] = sum[i];
    }
    double[][] expected = new double[3][tokens * stride];
    try (Workers workers = new Workers(2)) {
      FrozenProducts products = new FrozenProducts(workers, buffer);
      for (int i = 0; i < 3; i++) {
        FrozenWeight weight = new FrozenWeight(views[i]);
        int rows = weight.rows();
        narrow[i] = floats(tokens * COLUMNS);
        wide[i] = new float[tokens * stride + 3];
        float[] back = floats(tokens * rows);
        products.forward(weight, tokens, narrow[i], 0, COLUMNS, wide[i], 3, stride, false);
        products.transposed(weight, tokens, back, 0, rows, sum, 0, COLUMNS, true);
        float[] w = new float[rows * COLUMNS];
        BlockCodecs.of(DType.Q8_0).dequantize(views[i].data(), 0, w, 0, w.length);
        for (int t = 0; t < tokens; t++) {
          for (int r = 0; r < rows; r++) {
            for (int c = 0; c < COLUMNS; c++) {
              double value = w[r * COLUMNS + c];
              expected[i][t * stride + r] += value * narrow[i][t * COLUMNS + c];
              expectedSum[t * COLUMNS + c] += value * back[t * rows + r];
            }
          }
        }
      }
      products.run();
    }
    for (int i = 0; i < 3; i++) {
      for (int at = 0; at < expected[i].length; at++) {
        assertThat((double) wide[i][at + 3]).isCloseTo(expected[i][at], within(1e-4));
      }
    }
    for (int at = 0; at < sum.length; at++) {
      assertThat((double) sum[at]).isCloseTo(expectedSum[at], within(1e-3));
    }
  }

  private static org.assertj.core.data.Offset<Double> within(double offset) {
    return org.assertj.core.data.Offset.offset(offset);
  }
}
