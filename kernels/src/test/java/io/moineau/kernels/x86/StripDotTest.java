package io.moineau.kernels.x86;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.kernels.KernelOptions;
import io.moineau.kernels.Kernels;
import io.moineau.kernels.Precision;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Few activations without a strip, beside the same ones among more with one. */
class StripDotTest {
  private static final int MANY = 6; // more than one call of a StripDot takes

  @ParameterizedTest
  @CsvSource({
    "Q4_0, 48, 1024",
    "Q4_0, 37, 96",
    "Q4_0, 5, 32",
    "Q4_K, 64, 1024",
    "Q4_K, 23, 256",
    "Q6_K, 32, 1024",
    "Q6_K, 23, 256"
  })
  void matmul_fewActivations_haveTheBitsOfManyActivations(DType type, int rows, int columns) {
    String problem = X86Kernels.problem("");
    assumeTrue(problem.isEmpty(), problem);
    assumeTrue(Isa.of(CpuId.ask(), "").avx512Vnni(), "this processor has no AVX-512 VNNI");
    Random random = new Random(rows);
    try (Arena arena = Arena.ofShared();
        Kernels kernels = Kernels.open(new KernelOptions("x86", 1, Precision.DEFAULT))) {
      TensorView weights = weights(arena, random, type, rows, columns);
      FloatMatrix all = FloatMatrix.allocate(arena, MANY, columns);
      for (int i = 0; i < MANY; i++) {
        for (int c = 0; c < columns; c++) {
          all.set(i, c, (float) random.nextGaussian());
        }
      }
      FloatMatrix expected = FloatMatrix.allocate(arena, MANY, rows);
      kernels.matmul(weights, all, MANY, expected);
      for (int n = 2; n <= StripDot.MOST_ACTIVATIONS; n++) {
        FloatMatrix some = FloatMatrix.allocate(arena, n, columns);
        MemorySegment.copy(
            all.data(), all.offset(0, 0), some.data(), some.offset(0, 0), 4L * n * columns);
        FloatMatrix out = FloatMatrix.allocate(arena, n, rows);
        kernels.matmul(weights, some, n, out);
        for (int i = 0; i < n; i++) {
          for (int r = 0; r < rows; r++) {
            assertThat(out.get(i, r)).as("%d of %d, row %d", i, n, r).isEqualTo(expected.get(i, r));
          }
        }
      }
    }
  }

  private static TensorView weights(Arena arena, Random random, DType type, int rows, int columns) {
    long bytes = type.bytesFor(columns) * rows;
    MemorySegment data = arena.allocate(bytes, 64);
    for (long i = 0; i + 2 <= bytes; i += 2) {
      // Every pair of bytes is a half float of moderate size, wherever a block has its scale.
      data.set(ValueLayout.JAVA_SHORT_UNALIGNED, i, (short) (random.nextInt() & 0x2FFF));
    }
    return new TensorView("w", type, Shape.of(rows, columns), data);
  }
}
