package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.tensor.DType;
import io.moineau.tensor.FloatMatrix;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Products whose weights lie on two nodes, faked, give what they give without. */
@Timeout(60)
class HomedProductTest {
  private static final int EXPERTS = 6;
  private static final int ROWS = 300;
  private static final int COLUMNS = 256;

  @TempDir Path root;

  private Kernels kernels() {
    Topology topology = FakeMachine.twoSockets(root, 2, false).read(4);
    Affinity affinity =
        Affinity.plan(topology, 4, "", new RecordingCalls(Topology.parseList("0-3")));
    return new Kernels(
        KernelChoice.choose("scalar", 4), Precision.DEFAULT, new ThreadTeam(4, affinity));
  }

  @Test
  void matmul_weightsOnTwoNodes_bitForBitAsWithout() {
    long seed = 20261121;
    Random random = new Random(seed);
    try (Arena arena = Arena.ofShared();
        Kernels kernels = kernels()) {
      MemorySegment mapping = arena.allocate(4L * EXPERTS * ROWS * COLUMNS, 65_536);
      for (long i = 0; i < mapping.byteSize() / 4; i++) {
        mapping.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
      }
      TensorView all =
          new TensorView("experts", DType.F32, Shape.of(EXPERTS, ROWS, COLUMNS), mapping);
      TensorView[] experts = new TensorView[EXPERTS];
      FloatMatrix[] expected = new FloatMatrix[EXPERTS];
      FloatMatrix[] found = new FloatMatrix[EXPERTS];
      for (int e = 0; e < EXPERTS; e++) {
        experts[e] = all.slice(e);
        expected[e] = FloatMatrix.allocate(arena, 5, ROWS);
        found[e] = FloatMatrix.allocate(arena, 5, ROWS);
      }
      FloatMatrix x = FloatMatrix.allocate(arena, 5, COLUMNS);
      for (long i = 0; i < x.data().byteSize() / 4; i++) {
        x.data().setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
      }
      kernels.matmul(experts, x, 5, expected);
      NodePlan plan = new NodePlan(kernels.nodes());
      plan.add(all, mapping);
      assertThat(plan.isTrivial()).isFalse();
      kernels.homes(plan);
      for (int round = 0; round < 20; round++) {
        kernels.matmul(experts, x, 5, found);
        for (int e = 0; e < EXPERTS; e++) {
          assertThat(found[e].data().mismatch(expected[e].data()))
              .as("seed %d", seed)
              .isEqualTo(-1);
          found[e].data().fill((byte) 0);
        }
      }
    }
  }

  @Test
  void homes_planForMoreNodes_namedError() {
    try (Arena arena = Arena.ofShared();
        Kernels kernels = kernels()) {
      MemorySegment mapping = arena.allocate(1 << 20, 65_536);
      NodePlan plan = new NodePlan(List.of(0, 1, 2));
      plan.add(new TensorView("w", DType.F32, Shape.of(1024, 256), mapping), mapping);
      assertThatThrownBy(() -> kernels.homes(plan))
          .isInstanceOfSatisfying(
              KernelException.class, e -> assertThat(e.code()).isEqualTo("kernel-bad-shape"));
    }
  }
}
