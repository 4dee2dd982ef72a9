package io.moineau.model.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.model.ModelException;
import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TensorQuantizerTest {
  private static final long SEED = 11;

  @Test
  void quantize_anyNumberOfThreads_sameBytesAsOneCall() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      TensorView source = gaussians(arena, 3, 37, 512);
      float[] floats = source.data().toArray(ValueLayout.JAVA_FLOAT);
      byte[] expected = new byte[(int) DType.Q4_K.bytesFor(floats.length)];
      BlockCodecs.encoder(DType.Q4_K)
          .quantize(floats, 0, MemorySegment.ofArray(expected), 0, floats.length);

      for (int threads : new int[] {1, 2, 5}) {
        assertThat(bytes(source, DType.Q4_K, threads))
            .as("%d threads", threads)
            .isEqualTo(expected);
      }
    }
  }

  @Test
  void quantize_manySlabs_sameBytesAsOneCall() throws IOException {
    try (Arena arena = Arena.ofShared()) {
      TensorView source = gaussians(arena, 1, 3, 4 << 20);
      float[] floats = source.data().toArray(ValueLayout.JAVA_FLOAT);
      byte[] expected = new byte[(int) DType.Q8_0.bytesFor(floats.length)];
      BlockCodecs.encoder(DType.Q8_0)
          .quantize(floats, 0, MemorySegment.ofArray(expected), 0, floats.length);

      assertThat(bytes(source, DType.Q8_0, 2)).isEqualTo(expected);
    }
  }

  @Test
  void quantize_measured_errorOfItsStep() throws IOException {
    try (Arena arena = Arena.ofShared();
        TensorQuantizer quantizer = new TensorQuantizer(2, true)) {
      TensorView source = gaussians(arena, 1, 64, 256);

      // The figure of llama.cpp's Q4_0 for N(0, 1) is 0.086, of Q8_0 0.0054.
      assertThat(quantizer.quantize(source, DType.Q4_0, slab -> {})).isBetween(0.08, 0.092);
      assertThat(quantizer.quantize(source, DType.Q8_0, slab -> {})).isBetween(0.005, 0.0058);
      assertThat(quantizer.quantize(source, DType.F32, slab -> {})).isZero();
    }
  }

  @Test
  void quantize_notANumber_namesTensorAndRow() {
    try (Arena arena = Arena.ofShared();
        TensorQuantizer quantizer = new TensorQuantizer(2, false)) {
      TensorView source = gaussians(arena, 1, 8, 256);
      source.data().setAtIndex(ValueLayout.JAVA_FLOAT, 5 * 256 + 7, Float.NaN);

      assertThatThrownBy(() -> quantizer.quantize(source, DType.Q6_K, slab -> {}))
          .isInstanceOfSatisfying(
              ModelException.class, e -> assertThat(e.code()).isEqualTo("quant-not-finite"))
          .hasMessageContaining("tensor blk.0.test.weight, row 5, element 7");
    }
  }

  private static byte[] bytes(TensorView source, DType type, int threads) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (TensorQuantizer quantizer = new TensorQuantizer(threads, false)) {
      quantizer.quantize(source, type, slab -> out.write(slab.toArray(ValueLayout.JAVA_BYTE)));
    }
    return out.toByteArray();
  }

  private static TensorView gaussians(Arena arena, long experts, long rows, long columns) {
    Random random = new Random(SEED);
    MemorySegment data = arena.allocate(4 * experts * rows * columns, 64);
    for (long i = 0; i < experts * rows * columns; i++) {
      data.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
    }
    return new TensorView("blk.0.test.weight", DType.F32, Shape.of(experts, rows, columns), data);
  }
}
