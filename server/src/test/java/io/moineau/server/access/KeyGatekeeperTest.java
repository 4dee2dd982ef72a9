package io.moineau.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.FinishReason;
import io.moineau.Timings;
import io.moineau.Usage;
import io.moineau.server.api.ApiException;
import io.moineau.server.http.HttpRequest;
import io.moineau.store.KeyRequest;
import io.moineau.store.NewKey;
import io.moineau.store.Store;
import io.moineau.store.StoreOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Budgets over midnight, rates over minutes, and what is held meanwhile; with a clock of ours. */
class KeyGatekeeperTest {
  private static final Instant EVENING = Instant.parse("2026-11-21T23:00:00Z");

  @TempDir Path folder;
  private volatile Instant now = EVENING;
  private final InstantSource clock = () -> now;
  private Store store;
  private KeyGatekeeper gatekeeper;

  @BeforeEach
  void open() {
    store = Store.open(StoreOptions.inFolder(folder));
    gatekeeper = new KeyGatekeeper(store, clock, Duration.ofMinutes(1));
  }

  @AfterEach
  void close() {
    gatekeeper.close();
    store.close();
  }

  private record Asked(String secret) implements HttpRequest {
    @Override
    public String method() {
      return "POST";
    }

    @Override
    public String path() {
      return "/v1/chat/completions";
    }

    @Override
    public Optional<String> query(String name) {
      return Optional.empty();
    }

    @Override
    public List<String> queries(String name) {
      return List.of();
    }

    @Override
    public Set<String> queryNames() {
      return Set.of();
    }

    @Override
    public Optional<String> header(String name) {
      return name.equals("Authorization") ? Optional.of("Bearer " + secret) : Optional.empty();
    }

    @Override
    public List<String> headers(String name) {
      return header(name).stream().toList();
    }

    @Override
    public String remote() {
      return "192.0.2.1";
    }

    @Override
    public byte[] body() {
      return new byte[0];
    }

    @Override
    public void onGone(Runnable action) {}
  }

  private Caller caller(NewKey key) {
    return gatekeeper.identify(new Asked(key.secret()));
  }

  private static Ask ask(int prompt, int most) {
    return new Ask(List.of("tiny"), prompt, most, true);
  }

  private static AnswerEnd end(Caller caller, int prompt, int completion) {
    return new AnswerEnd(
        caller,
        "/",
        "req",
        new Usage(prompt, 0, completion),
        new Timings(0, 0, 0, 0, 0),
        Optional.of(FinishReason.STOP));
  }

  private void isRefused(Caller caller, Ask ask, String code) {
    assertThatThrownBy(() -> gatekeeper.admit(caller, ask))
        .isInstanceOf(ApiException.class)
        .hasFieldOrPropertyWithValue("code", code);
  }

  @Test
  void budget_whatIsHeldCounts_andIsGivenBack() {
    Caller caller = caller(store.keys().add(KeyRequest.named("a").withTokensPerDay(1000)));
    AnswerListener first = gatekeeper.admit(caller, ask(100, 500));
    AnswerListener second = gatekeeper.admit(caller, ask(100, 300)); // 400 were left
    isRefused(caller, ask(1, 1), "budget_reserved");
    first.ended(end(caller, 100, 20));
    first.ended(end(caller, 100, 20)); // told twice, counted once
    AnswerListener third = gatekeeper.admit(caller, ask(1, 1));
    second.ended(end(caller, 100, 300));
    third.ended(end(caller, 1, 1));
    assertThat(gatekeeper.headers(caller)).containsEntry("X-RateLimit-Remaining-Tokens", "478");
    gatekeeper.admit(caller, ask(0, 478)).ended(end(caller, 0, 478));
    isRefused(caller, ask(1, 1), "budget_spent");
  }

  @Test
  void budget_answersThatGrow_neverTakeMoreThanThereIs() {
    int budget = 2 * KeyGatekeeper.UNKNOWN_ANSWER + 20 + KeyGatekeeper.MORE + 3;
    Caller caller = caller(store.keys().add(KeyRequest.named("a").withTokensPerDay(budget)));
    Admission first = gatekeeper.admit(caller, ask(10, -1));
    Admission second = gatekeeper.admit(caller, ask(10, 4096)); // is held what is left
    assertThat(first.allows(KeyGatekeeper.UNKNOWN_ANSWER - 1)).isTrue();
    assertThat(first.allows(KeyGatekeeper.UNKNOWN_ANSWER)).as("all else is held").isFalse();
    int most = budget - 20 - KeyGatekeeper.UNKNOWN_ANSWER;
    assertThat(second.allows(most - 1)).isTrue();
    assertThat(second.allows(most)).isFalse();
    second.ended(end(caller, 10, KeyGatekeeper.UNKNOWN_ANSWER));
    assertThat(second.allows(most)).as("nothing is held for what has ended").isFalse();
    int made = KeyGatekeeper.UNKNOWN_ANSWER;
    while (first.allows(made)) {
      made++;
    }
    assertThat(made).isEqualTo(most);
    first.ended(end(caller, 10, made));
    isRefused(caller, ask(1, 1), "budget_spent");
  }

  @Test
  void budget_promptThatIsLargerThanWhatIsLeft_isRefused() {
    Caller caller = caller(store.keys().add(KeyRequest.named("a").withTokensPerDay(100)));
    isRefused(caller, ask(100, -1), "budget_too_small");
    isRefused(caller, ask(101, 0), "budget_too_small");
    gatekeeper.admit(caller, ask(100, 0)).ended(end(caller, 40, 0)); // nothing is to be made
    Admission held = gatekeeper.admit(caller, ask(10, 5));
    isRefused(caller, ask(50, 5), "budget_reserved");
    isRefused(caller, ask(60, 5), "budget_too_small");
    held.ended(end(caller, 10, 5));
    gatekeeper.check(caller, List.of("tiny"));
  }

  @Test
  void withoutABudget_nothingEndsAnAnswer() {
    Caller caller = caller(store.keys().add(KeyRequest.named("a")));
    Admission answer = gatekeeper.admit(caller, ask(10, -1));
    assertThat(answer.allows(10_000_000)).isTrue();
  }

  @Test
  void budget_answersWithoutALimit_holdSomething() {
    Caller caller =
        caller(
            store
                .keys()
                .add(KeyRequest.named("a").withTokensPerDay(KeyGatekeeper.UNKNOWN_ANSWER + 1)));
    gatekeeper.admit(caller, ask(1, -1));
    isRefused(caller, ask(1, 1), "budget_reserved");
  }

  @Test
  void budget_beginsAnewAtMidnightInUtc() {
    Caller caller = caller(store.keys().add(KeyRequest.named("a").withTokensPerDay(10)));
    gatekeeper.admit(caller, ask(5, 5)).ended(end(caller, 5, 5));
    assertThatThrownBy(() -> gatekeeper.admit(caller, ask(1, 1)))
        .hasMessageContaining("2026-11-22T00:00:00Z")
        .hasFieldOrPropertyWithValue("retryAfterSeconds", 3601);
    assertThat(gatekeeper.headers(caller)).containsEntry("X-RateLimit-Reset-Tokens", "1h0m0s");
    AnswerListener overMidnight;
    now = EVENING.plus(Duration.ofHours(1));
    overMidnight = gatekeeper.admit(caller, ask(4, 4));
    overMidnight.ended(end(caller, 4, 4));
    gatekeeper.close(); // writes
    String id = caller.keyId();
    assertThat(store.usage().day(id, LocalDate.parse("2026-11-21")).tokens()).isEqualTo(10);
    assertThat(store.usage().day(id, LocalDate.parse("2026-11-22")).tokens()).isEqualTo(8);
  }

  @Test
  void usage_isInTheStoreWhenTheEndIsTold() throws InterruptedException {
    Caller caller = caller(store.keys().add(KeyRequest.named("a")));
    List<Thread> threads = new ArrayList<>();
    AtomicInteger early = new AtomicInteger();
    AtomicInteger sum = new AtomicInteger();
    for (int i = 0; i < 8; i++) {
      threads.add(
          Thread.ofVirtual()
              .start(() -> {
                for (int j = 0; j < 10; j++) {
                  gatekeeper.admit(caller, ask(1, 1)).ended(end(caller, 1, 1));
                  int told = sum.addAndGet(2);
                  long stored = store.usage().day(caller.keyId(), KeyAccount.day(now)).tokens();
                  if (stored < told) {
                    early.incrementAndGet();
                  }
                }
              }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(early).hasValue(0);
    assertThat(sum).hasValue(160);
  }

  @Test
  void budgetsSpent_byNameAndDay() {
    Caller half = caller(store.keys().add(KeyRequest.named("half").withTokensPerDay(40)));
    Caller any = caller(store.keys().add(KeyRequest.named("any")));
    caller(store.keys().add(KeyRequest.named("none").withTokensPerDay(10)));
    gatekeeper.admit(half, ask(15, 5)).ended(end(half, 15, 5));
    gatekeeper.admit(any, ask(5, 5)).ended(end(any, 15, 5));
    assertThat(gatekeeper.budgetsSpent())
        .containsExactlyInAnyOrderEntriesOf(Map.of("half", 0.5, "none", 0.0));
    now = now.plus(Duration.ofDays(1));
    assertThat(gatekeeper.budgetsSpent()).containsEntry("half", 0.0);
  }

  @Test
  void budget_isKnownAfterARestart_andSharedBetweenServers() throws InterruptedException {
    NewKey key = store.keys().add(KeyRequest.named("a").withTokensPerDay(10));
    Caller caller = caller(key);
    gatekeeper.admit(caller, ask(5, 5)).ended(end(caller, 3, 3));
    gatekeeper.close();
    gatekeeper = new KeyGatekeeper(store, clock, Duration.ofMinutes(1));
    Caller again = caller(key);
    AnswerListener held = gatekeeper.admit(again, ask(0, 0)); // 4 are left
    store.usage().add(again.keyId(), KeyAccount.day(now), 2, 2, 1); // by another server
    long limit = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!gatekeeper.headers(again).containsKey("X-Should-Retry")) {
      assertThat(System.nanoTime()).isLessThan(limit);
      Thread.sleep(20);
    }
    isRefused(again, ask(1, 1), "budget_spent");
    held.ended(end(again, 0, 0));
  }

  @Test
  void rate_fillsEvenly() {
    Caller caller = caller(store.keys().add(KeyRequest.named("a").withRequestsPerMinute(3)));
    for (int i = 0; i < 3; i++) {
      gatekeeper.admit(caller, ask(1, 1)).ended(end(caller, 1, 1));
    }
    isRefused(caller, ask(1, 1), "rate_exceeded");
    gatekeeper.admit(caller, new Ask(List.of("tiny"), 1, 1, false)); // of the same request
    now = now.plusSeconds(19);
    isRefused(caller, ask(1, 1), "rate_exceeded");
    now = now.plusSeconds(1);
    gatekeeper.admit(caller, ask(1, 1));
    isRefused(caller, ask(1, 1), "rate_exceeded");
    now = now.minusSeconds(3600); // a clock that is set back neither fills nor empties
    isRefused(caller, ask(1, 1), "rate_exceeded");
  }

  @Test
  void wrongKeys_areCountedPerNetwork_inBoundedMemory() {
    WrongKeys wrong = new WrongKeys(clock);
    for (int i = 0; i < 20; i++) {
      assertThat(wrong.count("2001:db8::" + i)).isZero();
    }
    assertThat(wrong.count("2001:db8::ffff")).isPositive();
    assertThat(wrong.count("2001:db8:0:1::1")).isZero();
    for (int i = 0; i < 10_000; i++) {
      wrong.count("10.0." + i / 256 + "." + i % 256);
    }
    assertThat(wrong.addresses()).isLessThanOrEqualTo(4096);
    now = now.plusSeconds(60);
    assertThat(wrong.count("2001:db8::1")).isZero();
  }
}
