package io.moineau.server.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.PlanException;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.ClientGoneException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PlanWorkTest {
  @Test
  void alone_doesOneAtATime_onAThreadOfItsOwn() throws Exception {
    PlanWork work = new PlanWork();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(
          CompletableFuture.supplyAsync(
              () ->
                  work.alone(
                      gone -> {},
                      () -> {
                        most.accumulateAndGet(running.incrementAndGet(), Math::max);
                        Thread.sleep(5);
                        running.decrementAndGet();
                        return Thread.currentThread().getName();
                      }),
              task -> Thread.ofVirtual().start(task)));
    }
    for (CompletableFuture<String> one : all) {
      assertThat(one.get()).isEqualTo("moineau-plan");
    }
    assertThat(most.get()).isEqualTo(1);
  }

  @Test
  void alone_whenManyWait_turnsOthersAway() throws Exception {
    PlanWork work = new PlanWork();
    CountDownLatch end = new CountDownLatch(1);
    List<Thread> waiting = new ArrayList<>();
    AtomicReference<ApiException> refused = new AtomicReference<>();
    CountDownLatch turnedAway = new CountDownLatch(1);
    for (int i = 0; i < 10; i++) { // one runs, eight wait
      waiting.add(
          Thread.ofVirtual()
              .start(() -> {
                try {
                  work.alone(gone -> {}, () -> end.await(30, TimeUnit.SECONDS));
                } catch (ApiException e) {
                  refused.set(e);
                  turnedAway.countDown();
                }
              }));
    }
    assertThat(turnedAway.await(30, TimeUnit.SECONDS)).isTrue();
    end.countDown();
    for (Thread thread : waiting) {
      thread.join();
    }
    assertThat(refused.get().status()).isEqualTo(503);
    assertThat(refused.get().code()).isEqualTo("plan_busy");
    assertThat(refused.get().retryAfterSeconds()).isPositive();
  }

  @Test
  void alone_whatTakesTooLong_isEnded_andTheNextMayBegin() {
    PlanWork work = new PlanWork(20);
    CountDownLatch interrupted = new CountDownLatch(1);
    assertThatThrownBy(() ->
            work.alone(
                gone -> {},
                () -> {
                  try {
                    Thread.sleep(60_000);
                  } catch (InterruptedException e) {
                    interrupted.countDown();
                  }
                  return "late";
                }))
        .isInstanceOf(ApiException.class)
        .hasMessageContaining("too long");
    assertThat(new PlanWork().alone(gone -> {}, () -> interrupted.await(30, TimeUnit.SECONDS)))
        .isTrue();
  }

  @Test
  void alone_whenTheClientGoes_isEnded() {
    PlanWork work = new PlanWork();
    assertThatThrownBy(() ->
            work.alone(
                gone -> Thread.ofVirtual().start(gone),
                () -> {
                  Thread.sleep(60_000);
                  return "nobody waits";
                }))
        .isInstanceOf(ClientGoneException.class);
  }

  @Test
  void alone_mistakes_areToldAsTheyAre() {
    PlanException mistake = new PlanException("plan-bad-question", "what", "where", "", "");
    assertThatThrownBy(() ->
            new PlanWork()
                .alone(
                    gone -> {},
                    () -> {
                      throw mistake;
                    }))
        .isSameAs(mistake);
  }
}
