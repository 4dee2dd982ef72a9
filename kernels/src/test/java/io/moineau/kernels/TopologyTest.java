package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopologyTest {
  @TempDir Path root;

  private static List<Integer> ids(List<Topology.Cpu> cpus) {
    return cpus.stream().map(Topology.Cpu::id).toList();
  }

  private static long onNode(List<Topology.Cpu> cpus, int node) {
    return cpus.stream().filter(cpu -> cpu.node() == node).count();
  }

  @Test
  void read_twoSocketsOf64CoresWithTwoThreads_allTold() {
    Topology topology = FakeMachine.twoSockets(root, 64, true).read(256);
    assertThat(topology.cpus()).hasSize(256);
    assertThat(topology.cores()).isEqualTo(128);
    assertThat(topology.sockets()).isEqualTo(2);
    assertThat(topology.nodes()).containsExactly(0, 1);
    assertThat(topology.threads()).isEqualTo(128);
    assertThat(topology.hasQuota()).isFalse();
    assertThat(topology.cpus().get(200)).isEqualTo(new Topology.Cpu(200, 72, 1, 1, 1024));
    assertThat(topology.describe()).isEqualTo("2 sockets, 2 nodes of memory, 128 cores, 256 cpus");
  }

  @Test
  void order_twoSockets_coresBeforeSiblingsAndNodesInTurn() {
    List<Topology.Cpu> order = FakeMachine.twoSockets(root, 64, true).read(256).order();
    assertThat(ids(order).subList(0, 6)).containsExactly(0, 64, 1, 65, 2, 66);
    assertThat(order).hasSize(256).doesNotHaveDuplicates();
    assertThat(order.subList(0, 128).stream().map(Topology.Cpu::core).distinct()).hasSize(128);
    for (int threads = 2; threads <= 256; threads += 2) {
      assertThat(onNode(order.subList(0, threads), 0)).isEqualTo(threads / 2);
    }
  }

  @Test
  void read_containerWithThreeCpus_onlyThese() {
    FakeMachine machine = FakeMachine.twoSockets(root, 64, true);
    machine.write("proc/self/status", "Name:\tjava\nCpus_allowed_list:\t3,131,70");
    Topology topology = machine.read(3);
    assertThat(ids(topology.cpus())).containsExactly(3, 70, 131);
    assertThat(topology.cores()).isEqualTo(2); // 131 is the sibling of 3
    assertThat(topology.threads()).isEqualTo(2);
    assertThat(topology.nodes()).containsExactly(0, 1);
    assertThat(ids(topology.order())).containsExactly(3, 70, 131);
    assertThat(topology.describe())
        .isEqualTo("2 sockets, 2 nodes of memory, 2 cores, 3 cpus allowed of 256");
  }

  @Test
  void read_affinityOfTheScheduler_goesBeforeTheFile() {
    FakeMachine machine = FakeMachine.twoSockets(root, 4, false);
    machine.write("proc/self/status", "Cpus_allowed_list:\t0-7");
    BitSet allowed = new BitSet();
    allowed.set(5, 7);
    Topology topology = machine.read(allowed, 2);
    assertThat(ids(topology.cpus())).containsExactly(5, 6);
    assertThat(topology.nodes()).containsExactly(1);
  }

  @Test
  void read_quotaOfFourProcessors_threadsNoMore() {
    Topology topology = FakeMachine.twoSockets(root, 8, true).read(4);
    assertThat(topology.hasQuota()).isTrue();
    assertThat(topology.cores()).isEqualTo(16);
    assertThat(topology.threads()).isEqualTo(4);
    assertThat(topology.describe()).endsWith("32 cpus, time for 4");
  }

  @Test
  void read_nodeWithoutMemory_nearestWithMemoryServes() {
    // As some EPYC boards are with half of their channels empty: node 1 is nearer to 2 than to 0.
    FakeMachine machine =
        new FakeMachine(root)
            .write("sys/devices/system/cpu/online", "0-5")
            .nodes("0-2", "0,2")
            .node(0, "0-1", "10 32 32")
            .node(1, "2-3", "32 10 12")
            .node(2, "4-5", "32 12 10");
    for (int id = 0; id < 6; id++) {
      machine.cpu(id, "" + id, 0);
    }
    Topology topology = machine.read(6);
    assertThat(topology.nodes()).containsExactly(0, 2);
    assertThat(topology.cpus().stream().map(Topology.Cpu::node)).containsExactly(0, 0, 2, 2, 2, 2);
    assertThat(topology.cpusOf(2)).isEqualTo(Topology.parseList("2-5"));
  }

  @Test
  void read_nodesWithGapsAndOneWithoutCpus_ownNumbersKept() {
    // POWER numbers its sockets 0 and 8; memory that is attached by CXL is a node with no cpu.
    FakeMachine machine =
        new FakeMachine(root)
            .write("sys/devices/system/cpu/online", "0-1")
            .nodes("0,8,9", "0,8-9")
            .node(0, "0", "10 20 30")
            .node(8, "1", "20 10 30")
            .node(9, "", "30 30 10");
    machine.cpu(0, "0", 0).cpu(1, "1", 8);
    Topology topology = machine.read(2);
    assertThat(topology.nodes()).containsExactly(0, 8);
    assertThat(topology.sockets()).isEqualTo(2);
  }

  @Test
  void order_hybridProcessor_fastCoresThenEfficientOnesThenSiblings() {
    FakeMachine machine =
        new FakeMachine(root)
            .write("sys/devices/system/cpu/online", "0-5")
            .write("sys/devices/cpu_core/cpus", "0-3")
            .write("sys/devices/cpu_atom/cpus", "4-5")
            .nodes("0", "0")
            .node(0, "0-5", "10");
    machine.cpu(0, "0-1", 0).cpu(1, "0-1", 0).cpu(2, "2-3", 0).cpu(3, "2-3", 0);
    machine.cpu(4, "4", 0).cpu(5, "5", 0);
    Topology topology = machine.read(6);
    assertThat(ids(topology.order())).containsExactly(0, 2, 4, 5, 1, 3);
    assertThat(topology.cores()).isEqualTo(4);
    assertThat(topology.describe()).contains("6 cpus of 2 speeds");
  }

  @Test
  void order_armWithCapacities_fastestFirst() {
    FakeMachine machine = new FakeMachine(root).write("sys/devices/system/cpu/online", "0-3");
    int[] capacity = {400, 400, 1024, 870};
    for (int id = 0; id < 4; id++) {
      machine.cpu(id, "" + id, 0);
      machine.write("sys/devices/system/cpu/cpu" + id + "/cpu_capacity", "" + capacity[id]);
    }
    assertThat(ids(machine.read(4).order())).containsExactly(2, 3, 0, 1);
  }

  @Test
  void read_offlineCpu_leftOut() {
    FakeMachine machine = FakeMachine.twoSockets(root, 2, false);
    machine.write("sys/devices/system/cpu/online", "0,2-3"); // cpu1 keeps its folder
    Topology topology = machine.read(3);
    assertThat(ids(topology.cpus())).containsExactly(0, 2, 3);
    assertThat(topology.onlineCpus()).isEqualTo(3);
    assertThat(ids(topology.order())).containsExactly(0, 2, 3);
  }

  @Test
  void read_nothingThere_whatTheJvmCounts() {
    Topology topology = new FakeMachine(root).read(3);
    assertThat(topology.cpus()).hasSize(3);
    assertThat(topology.threads()).isEqualTo(3);
    assertThat(topology.nodes()).containsExactly(0);
    assertThat(topology.source()).isEqualTo("the JVM");
  }

  @Test
  void read_affinityOfCpusThatAreNotOnline_allThatAre() {
    BitSet other = new BitSet();
    other.set(77);
    assertThat(FakeMachine.twoSockets(root, 2, false).read(other, 4).cpus()).hasSize(4);
  }

  @Test
  void parseList_rangesAndSingles_asLinuxWritesThem() {
    assertThat(Topology.parseList("0-2,5,7-7").stream().boxed()).containsExactly(0, 1, 2, 5, 7);
    assertThat(Topology.parseList("").isEmpty()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "3-1", "-", "1,,2", "0-99999999", "-5"})
  void parseList_noList_empty(String text) {
    assertThat(Topology.parseList(text).isEmpty()).isTrue();
  }

  @Test
  void here_thisMachine_agreesWithTheScheduler() {
    Topology topology = Topology.here();
    assertThat(topology.cpus()).isNotEmpty();
    assertThat(topology.threads())
        .isBetween(1, Math.max(1, Runtime.getRuntime().availableProcessors()));
    assumeTrue(Files.isReadable(Path.of("/sys/devices/system/cpu/online")), "no /sys");
    SystemCalls calls = SystemCalls.here();
    assumeTrue(calls.affinity().isPresent(), "no sched_getaffinity");
    assertThat(calls.affinity().orElseThrow().get(calls.cpu())).isTrue();
    assertThat(topology.cpus().stream().map(Topology.Cpu::id)).contains(calls.cpu());
  }
}
