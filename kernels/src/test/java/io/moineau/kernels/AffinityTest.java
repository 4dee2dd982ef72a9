package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AffinityTest {
  @TempDir Path root;

  private static BitSet set(int... members) {
    BitSet set = new BitSet();
    for (int member : members) {
      set.set(member);
    }
    return set;
  }

  private final RecordingCalls calls = new RecordingCalls(set(0, 1, 2, 3, 4, 5, 6, 7));

  /** 2 sockets of 2 cores of 2 threads: cpu c and c + 4 share a core. */
  private Affinity plan(int threads, String wish) {
    return Affinity.plan(FakeMachine.twoSockets(root, 2, true).read(8), threads, wish, calls);
  }

  @Test
  void plan_asManyThreadsAsCores_eachOnACoreOfItsOwn() throws InterruptedException {
    Affinity affinity = plan(4, "");
    assertThat(affinity.hold()).isEqualTo(Affinity.Hold.CPU);
    assertThat(affinity.describe())
        .isEqualTo("pinned to cpus 0, 2, 1, 3: all 4 cores are the team's");
    assertThat(affinity.nodeCount()).isEqualTo(2);
    assertThat(affinity.nodeOf(0)).isZero();
    assertThat(affinity.nodeOf(1)).isEqualTo(1);
    ThreadTeam team = new ThreadTeam(4, affinity);
    team.close(); // waits for the threads, which hold themselves before all else
    assertThat(calls.held)
        .containsEntry("moineau-kernels-1", set(2))
        .containsEntry("moineau-kernels-2", set(1))
        .containsEntry("moineau-kernels-3", set(3))
        .hasSize(3);
  }

  @Test
  void plan_fewerThreadsThanCores_heldToNodesOnly() {
    Affinity affinity = plan(2, "");
    assertThat(affinity.hold()).isEqualTo(Affinity.Hold.NODE);
    assertThat(affinity.describe())
        .isEqualTo("pinned to nodes 0, 1: spread over the nodes of memory");
    new ThreadTeam(2, affinity).close();
    assertThat(calls.held).containsEntry("moineau-kernels-1", set(2, 3, 6, 7));
  }

  @Test
  void plan_fewerThreadsThanCoresOnOneNode_leftAlone() {
    BitSet first = set(0, 1, 4, 5);
    Topology half = FakeMachine.twoSockets(root, 2, true).read(first, 4);
    Affinity affinity = Affinity.plan(half, 1, "", calls);
    assertThat(affinity.describe()).isEqualTo("not pinned: one thread");
    Topology four = FakeMachine.twoSockets(root, 4, false).read(set(0, 1, 2), 3);
    affinity = Affinity.plan(four, 2, "", calls);
    assertThat(affinity.hold()).isEqualTo(Affinity.Hold.NONE);
    assertThat(affinity.describe())
        .isEqualTo(
            "not pinned: 2 of 3 cores, which other programs may want; MOINEAU_PIN=on pins them");
    assertThat(Affinity.plan(four, 2, "on", calls).describe())
        .isEqualTo("pinned to cpus 0, 1: MOINEAU_PIN=on");
  }

  @ParameterizedTest
  @CsvSource({
    "4, off, MOINEAU_PIN=off",
    "9, '', more threads (9) than cpus (8)",
    "9, on, more threads (9) than cpus (8)",
    "1, on, one thread"
  })
  void plan_cannotOrMustNot_saysWhy(int threads, String wish, String reason) {
    Affinity affinity = plan(threads, wish);
    assertThat(affinity.hold()).isEqualTo(Affinity.Hold.NONE);
    assertThat(affinity.describe()).isEqualTo("not pinned: " + reason);
    assertThat(affinity.nodeCount()).isEqualTo(1);
    affinity.pin(0);
    assertThat(calls.held).isEmpty();
  }

  @Test
  void plan_quotaBelowTheCpus_leftAlone() {
    Topology topology = FakeMachine.twoSockets(root, 2, true).read(3);
    assertThat(Affinity.plan(topology, 4, "on", calls).describe())
        .isEqualTo("not pinned: time for 3 of 8 cpus");
  }

  @Test
  void plan_systemWithoutAffinity_leftAlone() {
    Topology topology = FakeMachine.twoSockets(root, 2, true).read(8);
    assertThat(Affinity.plan(topology, 4, "", new SystemCalls.None()).describe())
        .isEqualTo("not pinned: this system does not let a program choose cpus");
  }

  @ParameterizedTest
  @ValueSource(strings = {"yes", "0", "on off"})
  void plan_unknownWish_namedError(String wish) {
    assertThatThrownBy(() -> plan(4, wish))
        .isInstanceOfSatisfying(
            KernelException.class, e -> assertThat(e.code()).isEqualTo("kernel-bad-pin"))
        .hasMessageContaining("MOINEAU_PIN=" + wish);
  }

  @Test
  void pin_refusedBySystem_saidAndTeamWorks() {
    calls.error = 1;
    Affinity affinity = plan(4, "");
    try (ThreadTeam team = new ThreadTeam(4, affinity)) {
      int[] done = new int[10];
      team.run(10, (piece, thread) -> done[piece]++);
      assertThat(done).containsOnly(1);
    }
    assertThat(affinity.hold()).isEqualTo(Affinity.Hold.NONE);
    assertThat(affinity.describe()).isEqualTo("not pinned: the system refused it (errno 1)");
  }

  @Test
  void runPinned_workThrows_placeOfTheCallerRestored() {
    String me = Thread.currentThread().getName();
    AtomicReference<BitSet> during = new AtomicReference<>();
    try (ThreadTeam team = new ThreadTeam(4, plan(4, ""))) {
      assertThatThrownBy(() ->
              team.runPinned(() -> {
                during.set(calls.affinity().orElseThrow());
                throw new ArithmeticException();
              }))
          .isInstanceOf(ArithmeticException.class);
    }
    assertThat(during.get()).isEqualTo(set(0));
    assertThat(calls.held.get(me)).isEqualTo(calls.before);
  }

  @Test
  void runPinned_thisMachine_schedulerAgrees() {
    SystemCalls here = SystemCalls.here();
    Optional<BitSet> before = here.affinity();
    assumeTrue(before.isPresent(), "no sched_setaffinity on this system");
    assumeTrue(before.get().cardinality() > 1, "one cpu only");
    Topology topology = Topology.here();
    assumeTrue(!topology.hasQuota(), "fewer processors than cpus");
    Affinity affinity = Affinity.plan(topology, topology.cpus().size(), "on", here);
    AtomicReference<BitSet> during = new AtomicReference<>();
    try (ThreadTeam team = new ThreadTeam(topology.cpus().size(), affinity)) {
      team.runPinned(() -> during.set(here.affinity().orElseThrow()));
    }
    assumeTrue(affinity.hold() == Affinity.Hold.CPU, affinity.describe());
    assertThat(during.get()).isEqualTo(set(topology.order().getFirst().id()));
    assertThat(here.affinity()).isEqualTo(before);
  }
}
