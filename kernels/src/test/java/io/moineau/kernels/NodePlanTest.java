package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.moineau.tensor.DType;
import io.moineau.tensor.Shape;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that this machine need not have: the plan only computes addresses. */
@Timeout(60)
class NodePlanTest {
  private static final int PAGE = 4096;

  @TempDir Path root;

  /** Experts [6, 32, 256] of eight pages each, after 128 bytes of header. */
  private record File(
      MemorySegment mapping, TensorView experts, TensorView dense, TensorView norm) {
    static File allocate(Arena arena) {
      long expert = 32 * 256 * 4;
      long dense = 10 * 300 * 4;
      MemorySegment mapping = arena.allocate(128 + 6 * expert + dense + 1200, PAGE);
      return new File(
          mapping,
          view("experts", mapping, 128, 6, 32, 256),
          view("dense", mapping, 128 + 6 * expert, 10, 300),
          view("norm", mapping, 128 + 6 * expert + dense, 300));
    }

    private static TensorView view(String name, MemorySegment mapping, long at, long... dims) {
      Shape shape = Shape.of(dims);
      long bytes = 4 * shape.rows() * shape.columns();
      return new TensorView(name, DType.F32, shape, mapping.asSlice(at, bytes));
    }

    NodePlan plan(List<Integer> nodes) {
      NodePlan plan = new NodePlan(nodes, PAGE);
      plan.add(experts, mapping);
      plan.add(dense, mapping);
      plan.add(norm, mapping);
      return plan;
    }
  }

  @Test
  void add_expertsAndRows_halfOnEachNodeInWholePages() {
    try (Arena arena = Arena.ofConfined()) {
      File file = File.allocate(arena);
      NodePlan plan = file.plan(List.of(0, 8));
      long base = file.mapping().address();
      assertThat(plan.isTrivial()).isFalse();
      assertThat(plan.ranges()).hasSize(4).allMatch(r -> (r.address() - base) % PAGE == 0);
      assertThat(plan.ranges().stream().map(PageLoader.Range::node)).containsExactly(0, 8, 0, 8);
      long expert = 32 * 256 * 4;
      for (int e = 0; e < 6; e++) {
        long middle = file.experts().data().address() + e * expert + expert / 2;
        assertThat(plan.homeOf(middle)).isEqualTo(e < 3 ? 0 : 1);
      }
      assertThat(plan.homeOf(file.dense().data().address() + PAGE)).isZero();
      assertThat(plan.homeOf(file.dense().data().address() + 9 * 1200)).isEqualTo(1);
      assertThat(plan.homeOf(base - 1)).isEqualTo(-1);
      assertThat(plan.homeOf(base + file.mapping().byteSize() + PAGE)).isEqualTo(-1);
      long end = 0;
      for (PageLoader.Range range : plan.ranges()) {
        assertThat(range.address()).isGreaterThanOrEqualTo(end);
        end = range.address() + range.bytes();
      }
      assertThat(plan.homeEnds(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    }
  }

  @Test
  void add_oneNode_nothingToShareOut() {
    try (Arena arena = Arena.ofConfined()) {
      NodePlan plan = File.allocate(arena).plan(List.of(0));
      assertThat(plan.isTrivial()).isTrue();
      assertThat(plan.ranges()).isEmpty();
    }
  }

  @Test
  void order_anyPieces_eachOnceAndByTheNodeOfItsFirstByte() {
    long seed = 20261121;
    Random random = new Random(seed);
    try (Arena arena = Arena.ofConfined()) {
      File file = File.allocate(arena);
      NodePlan plan = file.plan(List.of(0, 1));
      HomeOrder order = new HomeOrder(plan);
      for (int round = 0; round < 200; round++) {
        order.begin();
        int total = 0;
        List<Long> addresses = new ArrayList<>();
        for (int product = random.nextInt(1, 9); product > 0; product--) {
          long at = file.mapping().address() + random.nextLong(file.mapping().byteSize());
          long pieceBytes = random.nextLong(1, 40_000);
          int pieces = random.nextInt(1, 30);
          order.add(at, pieceBytes, pieces);
          for (int i = 0; i < pieces; i++) {
            addresses.add(at + i * pieceBytes);
          }
          total += pieces;
        }
        int[] first = order.finish();
        assertThat(first[0]).as("seed %d", seed).isZero();
        assertThat(first[2]).isEqualTo(total);
        assertThat(IntStream.range(0, total).map(order::piece).sorted().toArray())
            .isEqualTo(IntStream.range(0, total).toArray());
        for (int at = 0; at < total; at++) {
          int home = plan.homeOf(addresses.get(order.piece(at)));
          if (home >= 0) {
            assertThat(home).isEqualTo(at < first[1] ? 0 : 1);
          }
        }
      }
    }
  }

  @Test
  void order_piecesWithoutHome_sharedOutInTurn() {
    HomeOrder order = new HomeOrder(new NodePlan(List.of(0, 1), PAGE));
    order.begin();
    order.add(0, 100, 7);
    assertThat(order.finish()).containsExactly(0, 4, 7);
  }

  @Test
  void order_withTeam_everyPieceOnce() {
    RecordingCalls calls = new RecordingCalls(Topology.parseList("0-3"));
    Topology topology = FakeMachine.twoSockets(root, 2, false).read(4);
    try (Arena arena = Arena.ofConfined();
        ThreadTeam team = new ThreadTeam(4, Affinity.plan(topology, 4, "", calls))) {
      File file = File.allocate(arena);
      HomeOrder order = new HomeOrder(file.plan(team.affinity().nodes()));
      order.begin();
      order.add(file.experts().data().address(), 8192, 24);
      order.add(file.dense().data().address(), 1200, 10);
      AtomicIntegerArray done = new AtomicIntegerArray(34);
      team.run(order.finish(), (at, thread) -> done.incrementAndGet(order.piece(at)));
      for (int piece = 0; piece < 34; piece++) {
        assertThat(done.get(piece)).isEqualTo(1);
      }
    }
  }

  @Test
  void whereabouts_pagesOnBothNodes_counted() {
    RecordingCalls calls = new RecordingCalls(new BitSet());
    PageLoader loader = new PageLoader(calls, () -> FakeMachine.twoSockets(root, 2, false).read(4));
    long mib = 1 << 20;
    List<PageLoader.Range> ranges =
        List.of(
            new PageLoader.Range(0, 20 * mib, 0),
            new PageLoader.Range(1L << 40, 20 * mib, 1),
            new PageLoader.Range(1L << 41, 20 * mib, -1));
    calls.nodeOf = address -> address < 4 * mib ? -2 : 0;
    assertThat(loader.whereabouts(ranges)).hasValue(new PageLoader.Whereabouts(8, 10, 2));
    calls.error = 1;
    assertThat(loader.whereabouts(ranges)).isEmpty();
  }

  @Test
  void interleave_twoNodes_wholePagesBoundAndMoved() {
    RecordingCalls calls = new RecordingCalls(new BitSet());
    PageLoader loader = new PageLoader(calls, () -> FakeMachine.twoSockets(root, 2, false).read(4));
    MemorySegment memory = MemorySegment.ofAddress(65_536 * 10 + 16).reinterpret(65_536 * 3);
    assertThat(loader.interleave(memory, List.of(0, 1))).isEmpty();
    assertThat(calls.calls)
        .containsExactly("mbind " + 65_536 * 11 + " " + 65_536 * 2 + " 3 {0, 1} 2");
    assertThat(loader.interleave(memory, List.of(0))).isEmpty();
    assertThat(loader.interleave(memory.asSlice(0, 70_000), List.of(0, 1))).isEmpty();
    assertThat(calls.calls).hasSize(1);
    calls.error = 1;
    assertThat(loader.interleave(memory, List.of(0, 1)))
        .isEqualTo("the system refused mbind (errno 1)");
  }

  @Test
  void calls_thisMachine_tellsNodesAndTakesPolicies() {
    SystemCalls here = SystemCalls.here();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate(1 << 20, 65_536);
      memory.fill((byte) 1);
      int[] nodes = {-100};
      int error = here.nodesOf(new long[] {memory.address()}, nodes);
      assumeTrue(error == 0, "move_pages is refused here: errno " + error);
      assertThat(Topology.here().nodes()).contains(nodes[0]);
      BitSet set = new BitSet();
      set.set(nodes[0]);
      int bound = here.bind(memory.address(), memory.byteSize(), 3, set, 2);
      assumeTrue(bound == 0, "mbind is refused here: errno " + bound);
      assertThat(memory.get(ValueLayout.JAVA_BYTE, 70_000)).isEqualTo((byte) 1);
    }
  }
}
