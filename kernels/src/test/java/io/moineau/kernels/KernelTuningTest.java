package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.kernels.x86.Tuning;
import io.moineau.kernels.x86.X86Kernels;
import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.TensorView;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of kernels: what is chosen from times, and the file. */
class KernelTuningTest {
  private static final int NEVER = Tuning.NEVER;

  @TempDir Path folder;

  /** Times of ten numbers of tokens: fixed cost and cost per token of each way. */
  private static KernelTuning.Row choose(double[]... costs) {
    List<Integer> tokens = KernelTuning.tokens();
    double[][] nanos = new double[costs.length][tokens.size()];
    for (int way = 0; way < costs.length; way++) {
      for (int i = 0; i < tokens.size(); i++) {
        nanos[way][i] = costs[way][0] + costs[way][1] * tokens.get(i);
      }
    }
    return KernelTuning.choose(DType.Q4_0, nanos);
  }

  @Test
  void choose_eachWayWhereItBeginsToWin() {
    KernelTuning.Row row = choose(new double[] {0, 10}, new double[] {35, 2}, new double[] {60, 1});
    assertThat(row.strips()).isEqualTo(5); // 50 against 45, and 40 against 43 with four
    assertThat(row.tiles()).isEqualTo(32); // 92 against 99, and 76 against 67 with sixteen
    assertThat(row.gigaoperations()).isSorted().hasSize(10);
  }

  @Test
  void choose_tilesThatWinBeforeStripsDo_waitForThem() {
    KernelTuning.Row row = choose(new double[] {0, 10}, new double[] {90, 9}, new double[] {35, 2});
    assertThat(row.strips()).isEqualTo(5);
    assertThat(row.tiles()).isEqualTo(5);
  }

  @Test
  void choose_oneTimeThatWasDisturbed_decidesNothing() {
    double[][] nanos = new double[2][KernelTuning.tokens().size()];
    for (int i = 0; i < nanos[0].length; i++) {
      nanos[0][i] = 10 * KernelTuning.tokens().get(i);
      nanos[1][i] = 35 + 2 * KernelTuning.tokens().get(i);
    }
    nanos[1][8] = 1.5 * nanos[0][8];
    assertThat(KernelTuning.choose(DType.Q8_0, nanos).strips()).isEqualTo(5);
  }

  @Test
  void choose_waysThatNeverWin_never() {
    KernelTuning.Row row = choose(new double[] {0, 1}, new double[] {35, 2}, new double[] {60, 3});
    assertThat(row.strips()).isEqualTo(NEVER);
    assertThat(row.tiles()).isEqualTo(NEVER);
    assertThat(choose(new double[] {0, 10}, new double[] {0, 2}).tiles()).isEqualTo(NEVER);
  }

  @Test
  void file_savedAndRead_isTheSameTable() throws IOException {
    Path file = folder.resolve("new folder/table.properties");
    KernelTuning.save(
        List.of(
            new KernelTuning.Row(DType.Q4_0, 3, NEVER, List.of()),
            new KernelTuning.Row(DType.Q6_K, NEVER, 12, List.of())),
        file);
    Tuning read = KernelTuning.load(file);
    assertThat(read.measured()).isNotEmpty();
    assertThat(read.ways())
        .isEqualTo(
            Map.of(DType.Q4_0, new Tuning.Ways(3, NEVER), DType.Q6_K, new Tuning.Ways(NEVER, 12)));
    assertThat(Files.list(file.getParent())).containsExactly(file);
    assertThat(KernelTuning.load(folder.resolve("none"))).isEqualTo(Tuning.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"Q4_0.strips=0", "Q4_0.tiles=soon", "Q8_0.strips=-1", "Q4_0.strips=\\u12"})
  void file_withABadValue_isNamed(String line) throws IOException {
    Path file = folder.resolve("table.properties");
    Files.writeString(file, line);
    assertThatThrownBy(() -> KernelTuning.load(file))
        .isInstanceOfSatisfying(
            KernelException.class,
            e -> {
              assertThat(e.code()).isEqualTo("kernel-bad-tuning");
              assertThat(e).hasMessageContainingAll("table.properties", "--tune");
            });
  }

  @Test
  void eachWay_givesTheSameWithinRounding() {
    assumeTrue(X86Kernels.problem("").isEmpty(), X86Kernels.problem(""));
    for (Tuning.Ways ways :
        List.of(new Tuning.Ways(NEVER, NEVER), new Tuning.Ways(1, NEVER), new Tuning.Ways(1, 1))) {
      for (DType type : X86Kernels.stripTypes("")) {
        Tuning tuning = new Tuning("today", Map.of(type, ways));
        KernelProvider provider = X86Kernels.open(2, "", tuning, new ScalarKernels(2));
        assertThat(provider.describe()).endsWith(", tuned today");
        try (Kernels kernels =
                new Kernels(
                    new KernelChoice(provider, List.of()), Precision.DEFAULT, new ThreadTeam(2));
            Arena arena = Arena.ofShared()) {
          RandomTensors random = new RandomTensors(arena, type.ordinal());
          TensorView weight = random.tensor(type, 2, 37, 512);
          for (int n : new int[] {1, 2, 9}) {
            FloatMatrix x = random.matrix(n, 512);
            FloatMatrix out = random.zeros(n, 38);
            kernels.matmul(weight, x, n, out);
            ProductTest.check(weight, x, n, out, Precision.DEFAULT, type + " " + ways);
          }
        }
      }
    }
  }

  @Test
  void measure_ofAType_hasSpeedsForAllNumbersOfTokens() {
    assumeTrue(X86Kernels.problem("").isEmpty(), X86Kernels.problem(""));
    KernelTuning.Row row = KernelTuning.measure(DType.Q4_0, 1, "");
    assertThat(row.gigaoperations()).hasSize(KernelTuning.tokens().size()).allMatch(g -> g > 0);
    assertThat(row.strips())
        .satisfiesAnyOf(
            n -> assertThat(n).isEqualTo(NEVER), n -> assertThat(n).isIn(KernelTuning.tokens()));
    assertThat(row.tiles()).isGreaterThanOrEqualTo(row.strips());
    assertThat(X86Kernels.tilesWork("") || row.tiles() == NEVER).isTrue();
  }
}
