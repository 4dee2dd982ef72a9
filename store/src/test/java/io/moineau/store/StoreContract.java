package io.moineau.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every database does alike: the same tests run on H2 and on PostgreSQL. */
abstract class StoreContract {
  private static final LocalDate DAY = LocalDate.of(2026, 11, 21);

  private Store store;

  /** An empty database, the same one until the test ends. */
  abstract StoreOptions options();

  @BeforeEach
  void open() {
    store = Store.open(options().withConversations(true));
  }

  @AfterEach
  void close() {
    if (store != null) { // there is none where PostgreSQL cannot be
      store.close();
    }
  }

  private void reopen() {
    store.close();
    open();
  }

  @Test
  void add_key_isFoundByItsSecretAlone() {
    NewKey office = store.keys().add(KeyRequest.named("office"));
    assertThat(office.secret()).matches("mo-[A-Za-z0-9_-]{43}");
    assertThat(office.key().hint()).isEqualTo(office.secret().substring(0, 8));
    assertThat(store.keys().find(office.secret())).contains(office.key());
    assertThat(store.keys().find(office.key().id())).isEmpty();
    assertThat(store.keys().find(office.key().hint())).isEmpty();
    assertThat(store.keys().find(office.secret().toLowerCase(java.util.Locale.ROOT))).isEmpty();
    assertThat(store.keys().find("")).isEmpty();
    assertThat(office.toString()).doesNotContain(office.secret());
  }

  @Test
  void add_keyWithEverything_isTheSameAfterReopening() {
    Instant end = Instant.parse("2031-01-01T00:00:00Z");
    NewKey full =
        store
            .keys()
            .add(
                KeyRequest.named("büro 2")
                    .withTokensPerDay(1L << 40)
                    .withRequestsPerMinute(30)
                    .withModels(List.of("qwen3-30b", "olmoe"))
                    .withExpires(end));
    NewKey plain = store.keys().add(KeyRequest.named("plain"));
    reopen();
    assertThat(store.keys().list()).containsExactly(full.key(), plain.key());
    assertThat(store.keys().find(full.secret()).orElseThrow())
        .satisfies(key -> {
          assertThat(key.tokensPerDay()).hasValue(1L << 40);
          assertThat(key.requestsPerMinute()).hasValue(30);
          assertThat(key.models()).containsExactly("qwen3-30b", "olmoe");
          assertThat(key.expires()).contains(end);
          assertThat(key.allows("olmoe")).isTrue();
          assertThat(key.allows("other")).isFalse();
        });
    assertThat(plain.key().allows("other")).isTrue();
  }

  @Test
  void add_nameOfAKeyThatWorks_isRefused() {
    store.keys().add(KeyRequest.named("office"));
    assertThatThrownBy(() -> store.keys().add(KeyRequest.named("office")))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo("key-name-taken"));
    assertThat(store.trouble()).isEmpty();
    assertThat(store.keys().list()).hasSize(1);
  }

  @Test
  void revoke_key_worksNoMoreAndFreesItsName() {
    NewKey old = store.keys().add(KeyRequest.named("office"));
    assertThat(store.keys().find(old.secret())).isPresent();
    long version = store.keys().version();
    ApiKey revoked = store.keys().revoke("office");
    assertThat(revoked.revoked()).isPresent();
    assertThat(store.keys().version()).isNotEqualTo(version);
    assertThat(store.keys().find(old.secret())).isEmpty();
    assertThat(store.keys().findAny(old.secret())).contains(revoked);
    NewKey next = store.keys().add(KeyRequest.named("office"));
    assertThat(store.keys().find(next.secret())).isPresent();
    // Once more by its id: it stays as it was, and the new one of its name is not touched.
    assertThat(store.keys().revoke(old.key().id())).isEqualTo(revoked);
    assertThat(store.keys().find(next.secret())).isPresent();
    assertThat(store.keys().list()).hasSize(2);
  }

  @Test
  void revoke_unknown_isRefused() {
    assertThatThrownBy(() -> store.keys().revoke("nobody"))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.code()).isEqualTo("key-unknown"));
  }

  @Test
  void find_expiredKey_isNotFound() {
    NewKey over =
        store.keys().add(KeyRequest.named("over").withExpires(Instant.now().minusSeconds(1)));
    assertThat(store.keys().find(over.secret())).isEmpty();
    assertThat(store.keys().findAny(over.secret())).isPresent();
  }

  @Test
  void find_afterAnotherConnectionRevoked_endsSoon() throws InterruptedException {
    NewKey office = store.keys().add(KeyRequest.named("office"));
    assertThat(store.keys().find(office.secret())).isPresent();
    try (Store other = Store.open(options())) {
      other.keys().revoke("office");
    }
    Thread.sleep(1_100);
    assertThat(store.keys().find(office.secret())).isEmpty();
  }

  @Test
  void usage_isSummedPerKeyAndDay() {
    assertThat(store.usage().add("a", DAY, 10, 3, 1)).isTrue();
    assertThat(store.usage().add("a", DAY, 5, 4, 1)).isTrue();
    assertThat(store.usage().add("a", DAY.minusDays(2), 100, 200, 7)).isTrue();
    assertThat(store.usage().add("b", DAY, 1, 1, 1)).isTrue();
    reopen();
    assertThat(store.usage().day("a", DAY)).isEqualTo(new DayUsage(DAY, 15, 7, 2));
    assertThat(store.usage().day("a", DAY).tokens()).isEqualTo(22);
    assertThat(store.usage().day("c", DAY)).isEqualTo(DayUsage.none(DAY));
    assertThat(store.usage().days("a", DAY.minusDays(29), DAY))
        .containsExactly(new DayUsage(DAY.minusDays(2), 100, 200, 7), new DayUsage(DAY, 15, 7, 2));
    assertThat(store.usage().days("a", DAY.minusDays(1), DAY)).hasSize(1);
  }

  @Test
  void usage_ofManyThreadsAndTwoStores_losesNothing() throws Exception {
    int threads = 8;
    int each = 25;
    try (Store other = Store.open(options());
        var pool = Executors.newFixedThreadPool(threads)) {
      List<Callable<Integer>> work = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        UsageLog usage = (t % 2 == 0 ? store : other).usage();
        work.add(() -> {
          int durable = 0;
          for (int i = 0; i < each; i++) {
            durable += usage.add("shared", DAY, 2, 1, 1) ? 1 : 0;
          }
          return durable;
        });
      }
      for (Future<Integer> done : pool.invokeAll(work)) {
        assertThat(done.get()).isEqualTo(each);
      }
    }
    int all = threads * each;
    assertThat(store.usage().day("shared", DAY)).isEqualTo(new DayUsage(DAY, 2 * all, all, all));
  }

  @Test
  void conversations_areKeptPerKey() {
    Instant time = Instant.parse("2026-11-21T12:00:00.123Z");
    Conversation first = new Conversation("c-1", "Spatz \uD83D\uDC26", time, "{\"text\": \"é\"}");
    Conversation second = new Conversation("c-2", "", time.plusSeconds(1), "[]");
    store.conversations().put("a", first);
    store.conversations().put("a", second);
    store.conversations().put("b", new Conversation("c-1", "other", time, "{}"));
    reopen();
    assertThat(store.conversations().find("a", "c-1")).contains(first);
    assertThat(store.conversations().list("a"))
        .extracting(Conversation::id, Conversation::title, Conversation::json)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("c-2", "", ""),
            org.assertj.core.groups.Tuple.tuple("c-1", "Spatz \uD83D\uDC26", ""));
    Conversation changed = new Conversation("c-1", "new", time.plusSeconds(9), "{\"a\": 1}");
    store.conversations().put("a", changed);
    assertThat(store.conversations().find("a", "c-1")).contains(changed);
    assertThat(store.conversations().remove("a", "c-1")).isTrue();
    assertThat(store.conversations().remove("a", "c-1")).isFalse();
    assertThat(store.conversations().find("a", "c-1")).isEqualTo(Optional.empty());
    assertThat(store.conversations().find("b", "c-1")).isPresent();
  }

  @Test
  void conversations_haveLimits() {
    Instant time = Instant.parse("2026-11-21T12:00:00Z");
    String largest = "é".repeat(Conversations.MAX_BYTES / 2);
    store.conversations().put("a", new Conversation("large", "", time, largest));
    assertThat(store.conversations().find("a", "large").orElseThrow().json()).isEqualTo(largest);
    refused("conversation-too-large", new Conversation("larger", "", time, largest + "!"));
    refused("conversation-bad", new Conversation("", "", time, ""));
    refused("conversation-bad", new Conversation("../x", "", time, ""));
    refused("conversation-bad", new Conversation("t", "t".repeat(201), time, ""));
    refused("conversation-bad", new Conversation("nul", "", time, "a\0b"));
    refused("conversation-bad", new Conversation("half", "", time, "\uD83D"));
    for (int i = 1; i < Conversations.MAX_COUNT; i++) {
      store.conversations().put("a", new Conversation("c" + i, "", time, "{}"));
    }
    refused("conversations-full", new Conversation("more", "", time, "{}"));
    store.conversations().put("a", new Conversation("c1", "replaced", time, "{}"));
    store.conversations().put("b", new Conversation("more", "", time, "{}"));
    assertThat(store.conversations().list("a")).hasSize(Conversations.MAX_COUNT);
    assertThat(store.trouble()).isEmpty();
  }

  private void refused(String code, Conversation conversation) {
    assertThatThrownBy(() -> store.conversations().put("a", conversation))
        .isInstanceOfSatisfying(StoreException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void conversations_switchedOff_areRefused() {
    try (Store off = Store.open(options())) {
      assertThatThrownBy(off::conversations)
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.code()).isEqualTo("conversations-off"));
    }
  }

  @Test
  void times_areWrittenInUtc() {
    LocalDate today = LocalDate.now(ZoneOffset.UTC);
    store.usage().add("a", today, 1, 1, 1);
    assertThat(store.usage().days("a", today, today)).hasSize(1);
    Instant before = Instant.now().minusSeconds(5);
    ApiKey key = store.keys().add(KeyRequest.named("clock")).key();
    reopen();
    assertThat(store.keys().list().getFirst().created())
        .isEqualTo(key.created())
        .isBetween(before, Instant.now());
  }

  @Test
  void interruptedCaller_doesNoHarm() {
    Thread.currentThread().interrupt();
    assertThat(store.usage().add("a", DAY, 1, 1, 1)).isTrue();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(store.usage().day("a", DAY).requests()).isEqualTo(1);
  }
}
