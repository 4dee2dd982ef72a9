package io.moineau.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadTeamTest {
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
}
