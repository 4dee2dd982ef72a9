package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.kernels.quant.BlockCodecs;
import io.moineau.kernels.x86.TileEmulator;
import io.moineau.kernels.x86.TileProviders;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Products by AMX, whose instructions are emulated so that any machine with AVX-512 VNNI can test
 * them, give the bits that products without tiles give.
 */
class TileProductTest {
  private static final int THREADS = 2;

  @BeforeEach
  void onlyWhereTheRestRuns() {
    assumeTrue(TileProviders.problem().isEmpty(), TileProviders.problem());
  }

  static List<DType> types() {
    return BlockCodecs.types().stream().filter(DType::isQuantized).toList();
  }

  @ParameterizedTest
  @MethodSource("types")
  void matmul_anySize_isThatWithoutTilesBitForBit(DType type) {
    try (Pair pair = new Pair();
        Arena arena = Arena.ofShared()) {
      int block = type.blockSize();
      // rows, blocks of a row, tokens: strips that are not whole, odd numbers of units, lots of
      // 1 to 16, and rows too long for one pass
      int[][] sizes = {{1, 1, 8}, {40, 3, 9}, {33, 5, 17}, {64, 2, 35}, {5, 1, 100}, {96, 9, 16}};
      for (int[] size : sizes) {
        RandomTensors random = new RandomTensors(arena, type.ordinal() + size[0]);
        int columns = size[1] * block;
        TensorView weight = random.tensor(type, 2, size[0], columns);
        FloatMatrix x = random.matrix(size[2], columns);
        pair.matmul(weight, x, size[2], random);
      }
      RandomTensors random = new RandomTensors(arena, type.ordinal());
      TensorView weight = random.tensor(type, 4, 17, 4096);
      pair.matmul(weight, random.matrix(18, 4096), 18, random);
      boolean hasKernel = pair.tiles.describe().contains("AMX") && pair.emulator.products() > 0;
      assertThat(hasKernel).as("%s goes by tiles", type).isEqualTo(goesByTiles(type));
    }
  }

  private static boolean goesByTiles(DType type) {
    return switch (type) {
      case Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q2_K, Q3_K, Q4_K, Q5_K, Q6_K, IQ4_NL, IQ4_XS, MXFP4 ->
          true;
      default -> false;
    };
  }

  @Test
  void fewTokens_doNotGoByTiles() {
    try (Pair pair = new Pair();
        Arena arena = Arena.ofShared()) {
      RandomTensors random = new RandomTensors(arena, 1);
      TensorView weight = random.tensor(DType.Q4_0, 0, 64, 256);
      pair.matmul(weight, random.matrix(4, 256), 4, random);
      assertThat(pair.emulator.products()).isZero();
    }
  }

  @Test
  void expertMatmul_gateAndUpAfterAnother_isThatWithoutTilesBitForBit() {
    try (Pair pair = new Pair();
        Arena arena = Arena.ofShared()) {
      RandomTensors random = new RandomTensors(arena, 7);
      int tokens = 61;
      int experts = 4;
      int columns = 512;
      for (int round = 0; round < 3; round++) { // other tokens at the same addresses
        int[] chosen = new int[tokens * 2];
        for (int i = 0; i < chosen.length; i++) {
          chosen[i] = i % 2 == 0 ? 0 : 1 + random.random().nextInt(3);
        }
        ExpertGroups groups = new ExpertGroups(experts);
        groups.group(chosen, tokens, 2);
        TensorView[] weights = {
          random.tensor(DType.Q4_K, 0, experts, 150, columns),
          random.tensor(DType.Q6_K, 0, experts, 70, columns)
        };
        FloatMatrix x = random.matrix(tokens, columns);
        FloatMatrix[] with = {random.zeros(2 * tokens, 150), random.zeros(2 * tokens, 70)};
        FloatMatrix[] without = {random.zeros(2 * tokens, 150), random.zeros(2 * tokens, 70)};
        pair.withTiles.expertMatmul(weights, x, groups, true, with);
        pair.without.expertMatmul(weights, x, groups, true, without);
        for (int i = 0; i < 2; i++) {
          same(with[i], without[i]);
        }
      }
      assertThat(pair.emulator.products()).isPositive();
      assertThat(pair.emulator.faults()).isEmpty();
    }
  }

  private static void same(FloatMatrix actual, FloatMatrix expected) {
    float[] a = new float[actual.columns()];
    float[] b = new float[actual.columns()];
    for (int row = 0; row < actual.rows(); row++) {
      actual.copyRow(row, a);
      expected.copyRow(row, b);
      assertThat(a).as("row %d", row).containsExactly(b);
    }
  }

  /** Kernels with emulated tiles and without tiles. */
  private static final class Pair implements AutoCloseable {
    final TileEmulator emulator = new TileEmulator();
    final KernelProvider tiles =
        TileProviders.emulated(THREADS, emulator, new ScalarKernels(THREADS));
    final Kernels withTiles = kernels(tiles);
    final Kernels without =
        kernels(TileProviders.withoutTiles(THREADS, new ScalarKernels(THREADS)));

    private static Kernels kernels(KernelProvider provider) {
      return new Kernels(
          new KernelChoice(provider, List.of()), Precision.DEFAULT, new ThreadTeam(THREADS));
    }

    void matmul(TensorView weight, FloatMatrix x, int tokens, RandomTensors random) {
      FloatMatrix with = random.zeros(tokens, (int) weight.rows() + 3);
      FloatMatrix expected = random.zeros(tokens, (int) weight.rows() + 3);
      withTiles.matmul(weight, x, tokens, with);
      without.matmul(weight, x, tokens, expected);
      assertThat(emulator.faults()).isEmpty();
      same(with, expected);
    }

    @Override
    public void close() {
      withTiles.close();
      without.close();
      emulator.close();
    }
  }
}
