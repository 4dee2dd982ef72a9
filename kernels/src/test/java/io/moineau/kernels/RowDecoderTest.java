package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.tensor.DType;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every type, between rows of others and at odd places. */
final class RowDecoderTest {
  static Set<DType> types() {
    return BlockCodecs.types();
  }

  @ParameterizedTest
  @MethodSource("types")
  void decode_isWhatTheCodecSays(DType type) {
    try (Arena arena = Arena.ofShared()) {
      int columns = 3 * Math.max(32, type.blockSize());
      TensorView weight = new RandomTensors(arena, 5).tensor(type, 1, 4, columns);
      float[] expected = new float[4 * columns];
      BlockCodecs.of(type).dequantize(weight.data(), 0, expected, 0, expected.length);
      RowDecoder decoder = new RowDecoder();
      for (int rows = 0; rows <= 3; rows++) {
        float[] actual = new float[3 * columns + 9];
        decoder.decode(weight, 1, rows, actual, 7);
        for (int i = 0; i < actual.length; i++) {
          boolean within = i >= 7 && i < 7 + rows * columns;
          float value = within ? expected[columns + i - 7] : 0;
          assertThat(Math.abs(actual[i] - value))
              .as("element %d of %d rows: %s, %s", i, rows, actual[i], value)
              .isLessThanOrEqualTo(2e-6f * scale(expected));
        }
      }
    }
  }

  /** The largest of all: a difference of a product and a minimum may cancel. */
  private static float scale(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  @Test
  void decode_rowsThatAreNotThere_isRefused() {
    try (Arena arena = Arena.ofShared()) {
      TensorView weight = new RandomTensors(arena, 5).tensor(DType.Q8_0, 0, 4, 64);
      RowDecoder decoder = new RowDecoder();
      for (int[] bad : new int[][] {{-1, 1, 0}, {3, 2, 0}, {0, 2, 1}, {0, 1, -1}, {0, -1, 0}}) {
        assertThatThrownBy(() -> decoder.decode(weight, bad[0], bad[1], new float[128], bad[2]))
            .isInstanceOf(KernelException.class);
      }
    }
  }
}
