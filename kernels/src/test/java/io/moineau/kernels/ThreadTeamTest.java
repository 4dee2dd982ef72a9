package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ThreadTeamTest {
  @TempDir Path root;

  @Test
  void run_manyRegionsOfAllSizes_everyPieceOnce() {
    try (ThreadTeam team = new ThreadTeam(4)) {
      for (int region = 0; region < 3_000; region++) {
        int pieces = region % 23;
        AtomicIntegerArray done = new AtomicIntegerArray(23);
        team.run(pieces, (piece, thread) -> done.incrementAndGet(piece));
        for (int i = 0; i < 23; i++) {
          assertThat(done.get(i)).isEqualTo(i < pieces ? 1 : 0);
        }
      }
    }
  }

  @Test
  void run_afterThreadsParked_wakesThem() {
    try (ThreadTeam team = new ThreadTeam(3)) {
      AtomicLong sum = new AtomicLong();
      for (int i = 0; i < 20; i++) {
        LockSupport.parkNanos(3_000_000);
        team.run(
            3,
            (piece, thread) -> {
              LockSupport.parkNanos(500_000);
              sum.addAndGet(piece + 1);
            });
      }
      assertThat(sum.get()).isEqualTo(20 * 6);
    }
  }

  @Test
  void run_twoPiecesAtOnce_haveDifferentThreadNumbers() {
    try (ThreadTeam team = new ThreadTeam(3)) {
      AtomicIntegerArray inUse = new AtomicIntegerArray(3);
      AtomicLong clashes = new AtomicLong();
      for (int i = 0; i < 500; i++) {
        team.run(
            16,
            (piece, thread) -> {
              if (inUse.getAndSet(thread, 1) != 0) {
                clashes.incrementAndGet();
              }
              inUse.set(thread, 0);
            });
      }
      assertThat(clashes.get()).isZero();
    }
  }

  @Test
  void run_pieceThrows_callerGetsItAndTeamGoesOn() {
    try (ThreadTeam team = new ThreadTeam(3)) {
      for (int at = 0; at < 50; at++) {
        int bad = at;
        assertThatThrownBy(() ->
                team.run(
                    50,
                    (piece, thread) -> {
                      if (piece == bad) {
                        throw new ArithmeticException("piece " + piece);
                      }
                    }))
            .isInstanceOf(ArithmeticException.class)
            .hasMessage("piece " + bad);
        AtomicLong count = new AtomicLong();
        team.run(10, (piece, thread) -> count.incrementAndGet());
        assertThat(count.get()).isEqualTo(10);
      }
    }
  }

  @Test
  void run_insideARegion_namedError() {
    try (ThreadTeam team = new ThreadTeam(2)) {
      assertThatThrownBy(() -> team.run(4, (piece, thread) -> team.run(4, (p, t) -> {})))
          .isInstanceOfSatisfying(
              KernelException.class, e -> assertThat(e.code()).isEqualTo("kernel-team-busy"));
    }
  }

  @Test
  void close_twice_threadsEndAndRunIsRefused() {
    ThreadTeam team = new ThreadTeam(3);
    team.run(3, (piece, thread) -> {});
    team.close();
    team.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .noneMatch(t -> t.getName().startsWith("moineau-kernels-") && t.getThreadGroup() == null);
    assertThatThrownBy(() -> team.run(1, (piece, thread) -> {}))
        .isInstanceOfSatisfying(
            KernelException.class, e -> assertThat(e.code()).isEqualTo("kernel-team-closed"));
  }

  @Test
  void new_impossibleSize_namedError() {
    for (int size : new int[] {-1, 0, 5000}) {
      assertThatThrownBy(() -> new ThreadTeam(size))
          .isInstanceOfSatisfying(
              KernelException.class, e -> assertThat(e.code()).isEqualTo("kernel-bad-threads"));
    }
  }

  @Test
  void run_piecesWithHomes_everyPieceOnceAndOwnNodeFirst() {
    RecordingCalls calls = new RecordingCalls(Topology.parseList("0-7"));
    Topology topology = FakeMachine.twoSockets(root, 2, false).read(4);
    Affinity affinity = Affinity.plan(topology, 4, "", calls);
    try (ThreadTeam team = new ThreadTeam(4, affinity)) {
      for (int region = 0; region < 2_000; region++) {
        int first = region % 7;
        int second = region / 7 % 9;
        int[] firstOfNode = {0, first, first + second};
        AtomicIntegerArray done = new AtomicIntegerArray(16);
        int[] firstPiece = {-1, -1, -1, -1}; // of each thread
        team.run(
            firstOfNode,
            (piece, thread) -> {
              done.incrementAndGet(piece);
              if (firstPiece[thread] < 0) {
                firstPiece[thread] = piece;
              }
            });
        for (int i = 0; i < 16; i++) {
          assertThat(done.get(i)).isEqualTo(i < first + second ? 1 : 0);
        }
        // The caller is thread 0, of node 0: where that has pieces, others' come after its own.
        if (firstPiece[0] >= first && first > 0) {
          assertThat(firstPiece[1] >= 0 || firstPiece[2] >= 0 || firstPiece[3] >= 0).isTrue();
        }
      }
    }
  }

  @Test
  void run_oneNodeIdle_itsThreadsTakeFromTheOther() {
    RecordingCalls calls = new RecordingCalls(Topology.parseList("0-7"));
    Topology topology = FakeMachine.twoSockets(root, 1, false).read(2);
    Affinity affinity = Affinity.plan(topology, 2, "", calls);
    assertThat(affinity.nodeCount()).isEqualTo(2);
    try (ThreadTeam team = new ThreadTeam(2, affinity)) {
      // All pieces are at home on node 1, whose only thread waits in its first until another is
      // done: so the caller, of node 0, must have taken that.
      CountDownLatch other = new CountDownLatch(1);
      AtomicIntegerArray by = new AtomicIntegerArray(2);
      team.run(
          new int[] {0, 0, 2},
          (piece, thread) -> {
            by.incrementAndGet(thread);
            if (thread == 1 && by.get(0) == 0) {
              awaitQuietly(other);
            } else {
              other.countDown();
            }
          });
      assertThat(by.get(0)).isPositive();
      assertThat(by.get(0) + by.get(1)).isEqualTo(2);
    }
  }

  @Test
  void run_piecesWithHomesOnOneNode_asWithout() {
    try (ThreadTeam team = new ThreadTeam(3)) {
      AtomicLong sum = new AtomicLong();
      team.run(new int[] {0, 5}, (piece, thread) -> sum.addAndGet(piece));
      assertThat(sum.get()).isEqualTo(10);
    }
  }

  @Test
  void run_homesThatAreNone_namedError() {
    try (ThreadTeam team = new ThreadTeam(2)) {
      for (int[] wrong : new int[][] {{0}, {1, 2}, {0, 1, 2}, {0, -1}}) {
        assertThatThrownBy(() -> team.run(wrong, (piece, thread) -> {}))
            .isInstanceOfSatisfying(
                KernelException.class, e -> assertThat(e.code()).isEqualTo("kernel-bad-shape"));
      }
    }
  }

  @Test
  void run_pieceOnOneOfTwoNodesThrows_allEndAndTeamGoesOn() {
    RecordingCalls calls = new RecordingCalls(Topology.parseList("0-7"));
    Topology topology = FakeMachine.twoSockets(root, 2, false).read(4);
    try (ThreadTeam team = new ThreadTeam(4, Affinity.plan(topology, 4, "", calls))) {
      for (int at = 0; at < 40; at++) {
        int bad = at;
        assertThatThrownBy(() ->
                team.run(
                    new int[] {0, 20, 40},
                    (piece, thread) -> {
                      if (piece == bad) {
                        throw new ArithmeticException("piece " + piece);
                      }
                    }))
            .hasMessage("piece " + bad);
        AtomicLong count = new AtomicLong();
        team.run(11, (piece, thread) -> count.incrementAndGet());
        assertThat(count.get()).isEqualTo(11);
      }
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
