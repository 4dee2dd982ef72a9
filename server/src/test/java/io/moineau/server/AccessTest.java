package io.moineau.server;

import static io.moineau.server.TestServer.endless;
import static io.moineau.server.TestServer.eventually;
import static io.moineau.server.TestServer.sendPost;
import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.access.KeyGatekeeper;
import io.moineau.store.DayUsage;
import io.moineau.store.KeyRequest;
import io.moineau.store.NewKey;
import io.moineau.store.Store;
import io.moineau.store.StoreOptions;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys, budgets, rates and models over real HTTP and a real store. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class AccessTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final Queue<String> NOTICES = new ConcurrentLinkedQueue<>();

  @TempDir static Path folder;
  private static Store store;
  private static KeyGatekeeper gatekeeper;
  private static TestServer server;
  private static NewKey office;

  @BeforeAll
  static void start() {
    StoreOptions options = StoreOptions.inFolder(folder).withConversations(true);
    store = Store.open(options, NOTICES::add);
    office = store.keys().add(KeyRequest.named("office"));
    gatekeeper = new KeyGatekeeper(store);
    server =
        new TestServer(
            TestServer.options()
                .withGatekeeper(gatekeeper)
                .withConversations(store.conversations()),
            4);
  }

  @AfterAll
  static void stop() {
    server.close();
    gatekeeper.close();
    store.close();
  }

  @BeforeEach
  void forget() {
    server.log.clear();
  }

  private static String chat(int maxTokens, String more) {
    return endless(maxTokens, more);
  }

  private static TestServer.Reply ask(NewKey key, String body) {
    return server.post(CHAT, body, "Authorization", "Bearer " + key.secret());
  }

  private static TestServer.Reply get(String path, NewKey key) {
    return server.send(
        HttpRequest.newBuilder(URI.create(server.server.uri() + path))
            .header("Authorization", "Bearer " + key.secret())
            .build());
  }

  private static DayUsage today(NewKey key) {
    return store.usage().day(key.key().id(), LocalDate.now(ZoneOffset.UTC));
  }

  private static String header(TestServer.Reply reply, String name) {
    return reply.http().headers().firstValue(name).orElse("");
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/chat/completions,error.code,missing_api_key",
    "/v1/messages,error.type,authentication_error",
    "/api/chat,error,a key is needed",
    "/tokenize,error.type,authentication_error",
    "/moineau/usage,error.code,missing_api_key",
  })
  void withoutAKey_is401InTheFormOfTheApi(String path, String where, String what) {
    boolean get = path.startsWith("/moineau");
    TestServer.Reply reply = get ? server.get(path) : server.post(path, "no JSON at all");
    assertThat(reply.status()).isEqualTo(401);
    assertThat((String) reply.at(where)).contains(what);
    assertThat(header(reply, "WWW-Authenticate")).isEqualTo("Bearer");
  }

  @ParameterizedTest
  @ValueSource(strings = {"/health", "/health/ready", "/openapi.json", "/moineau/settings"})
  void whatNeedsNoKey_isAnswered(String path) {
    assertThat(server.get(path).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @CsvSource({"Authorization,'Bearer '", "authorization,'bearer  '", "X-Api-Key,''"})
  void key_isTakenFromEitherHeader_byEveryApi(String header, String before) {
    for (String path : List.of(CHAT, "/v1/messages", "/api/chat")) {
      String body =
          "{\"model\":\"tiny\",\"max_tokens\":2,\"messages\":[{\"role\":\"user\",\"content\":\"a\"}]}";
      String fitting = path.startsWith("/api") ? body.replace("\"max_tokens\":2,", "") : body;
      String more =
          path.startsWith("/api") ? ",\"options\":{\"num_predict\":2},\"stream\":false}" : "}";
      String whole = fitting.substring(0, fitting.length() - 1) + more;
      TestServer.Reply reply = server.post(path, whole, header, before + office.secret());
      assertThat(reply.status()).as(path + reply.body()).isEqualTo(200);
    }
    assertThat(server.log).allMatch(entry -> entry.caller().name().equals("office"));
    assertThat(server.log.toString()).doesNotContain(office.secret());
  }

  @Test
  void withoutAKey_aLargeBodyIsNotWaitedFor() throws IOException {
    try (Socket socket = server.connect()) {
      TestServer.write(
          socket, "POST " + CHAT + " HTTP/1.1\r\nHost: test\r\nContent-Length: 9000000\r\n\r\n{");
      assertThat(TestServer.readAll(socket)).startsWith("HTTP/1.1 401");
    }
  }

  @Test
  void keyInTheAddress_isRefused_andNeverLogged() {
    TestServer.Reply reply = server.get("/v1/models?api_key=" + office.secret());
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("error.code")).isEqualTo("key_in_query");
    assertThat(reply.body() + server.log).doesNotContain(office.secret());
  }

  @Test
  void keyThatIsRevokedOrExpired_isRefusedAtOnce() {
    NewKey short1 = store.keys().add(KeyRequest.named("leaver"));
    assertThat(get("/v1/models", short1).status()).isEqualTo(200);
    store.keys().revoke("leaver");
    TestServer.Reply revoked = get("/v1/models", short1);
    assertThat(revoked.status()).isEqualTo(401);
    assertThat(revoked.at("error.code")).isEqualTo("key_revoked");
    NewKey guest =
        store.keys().add(KeyRequest.named("guest").withExpires(Instant.now().plusMillis(300)));
    eventually(() -> get("/v1/models", guest).status() == 401);
    assertThat(get("/v1/models", guest).at("error.code")).isEqualTo("key_expired");
  }

  @Test
  void wrongKeys_areSlowedDown_rightOnesFromTheSameAddressAreNot() {
    List<Integer> statuses = new ArrayList<>();
    for (int i = 0; i < 30; i++) {
      TestServer.Reply reply = server.post(CHAT, "{}", "Authorization", "Bearer mo-wrong" + i);
      statuses.add(reply.status());
      assertThat(reply.body()).doesNotContain("mo-wrong");
    }
    assertThat(statuses).startsWith(401).contains(429);
    assertThat(get("/v1/models", office).status()).isEqualTo(200);
  }

  @Test
  void budget_spent_is429UntilMidnight_andTheStoreHasWhatClientsWereTold() {
    long prompt = (long) ask(office, chat(1, "")).at("usage.prompt_tokens");
    long budget = 2 * (prompt + 10) + prompt + 3; // two answers, and the beginning of a third
    NewKey small = store.keys().add(KeyRequest.named("small").withTokensPerDay(budget));
    long told = 0;
    int answers = 0;
    TestServer.Reply reply = ask(small, chat(10, ""));
    while (reply.status() == 200) {
      answers++;
      told += (long) reply.at("usage.total_tokens");
      assertThat(reply.at("usage.completion_tokens")).isEqualTo(answers < 3 ? 10L : 3L);
      assertThat(reply.at("choices.0.finish_reason")).isEqualTo("length");
      assertThat(header(reply, "X-RateLimit-Limit-Tokens")).isEqualTo("" + budget);
      assertThat(Long.parseLong(header(reply, "X-RateLimit-Remaining-Tokens"))).isLessThan(budget);
      long soFar = told;
      eventually(() -> today(small).tokens() == soFar);
      reply = ask(small, chat(10, ""));
    }
    assertThat(answers).isEqualTo(3);
    assertThat(told).isEqualTo(budget);
    assertThat(reply.status()).isEqualTo(429);
    assertThat(reply.at("error.code")).isEqualTo("budget_spent");
    String midnight = LocalDate.now(ZoneOffset.UTC).plusDays(1) + "T00:00:00Z";
    assertThat((String) reply.at("error.message")).contains(midnight).contains("of " + budget);
    assertThat(Integer.parseInt(header(reply, "Retry-After"))).isBetween(1, 86_401);
    assertThat(header(reply, "X-Should-Retry")).isEqualTo("false");
    assertThat(header(reply, "X-RateLimit-Remaining-Tokens")).isEqualTo("0");
    long requests = server.moineau.stats().requests();
    assertThat(ask(small, chat(10, ",\"stream\":true")).status()).isEqualTo(429);
    assertThat(server.moineau.stats().requests()).isEqualTo(requests);
    TestServer.Reply usage = get("/moineau/usage", small);
    assertThat(usage.at("tokens_per_day")).isEqualTo(budget);
    assertThat(usage.at("reset")).isEqualTo(midnight);
    assertThat((long) usage.at("today.prompt_tokens") + (long) usage.at("today.completion_tokens"))
        .isEqualTo(told);
    assertThat(usage.at("days.0.requests")).isEqualTo((long) answers);
  }

  @Test
  void budget_manyAtOnce_isNeverOverrun() throws Exception {
    NewKey many = store.keys().add(KeyRequest.named("many").withTokensPerDay(150));
    List<Future<TestServer.Reply>> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 24; i++) {
        int limit = i % 2 == 0 ? 30 : 2000; // more than there is
        all.add(threads.submit(() -> ask(many, chat(limit, ""))));
      }
    }
    long told = 0;
    for (Future<TestServer.Reply> one : all) {
      TestServer.Reply reply = one.get();
      if (reply.status() == 200) {
        told += (long) reply.at("usage.total_tokens");
      } else {
        assertThat(reply.status()).isEqualTo(429);
        assertThat((String) reply.at("error.code")).startsWith("budget_");
      }
    }
    assertThat(told).isBetween(1L, 150L);
    long expected = told;
    eventually(() -> today(many).tokens() == expected);
  }

  @Test
  void rate_isHeld_andSeveralAnswersToOneRequestAreOne() {
    NewKey slow = store.keys().add(KeyRequest.named("slow").withRequestsPerMinute(2));
    TestServer.Reply first = ask(slow, chat(1, ",\"n\":3"));
    assertThat(first.status()).isEqualTo(200);
    assertThat(header(first, "X-RateLimit-Limit-Requests")).isEqualTo("2");
    assertThat(header(first, "X-RateLimit-Remaining-Requests")).isEqualTo("1");
    assertThat(ask(slow, chat(1, "")).status()).isEqualTo(200);
    TestServer.Reply third = ask(slow, chat(1, ""));
    assertThat(third.status()).isEqualTo(429);
    assertThat(third.at("error.code")).isEqualTo("rate_exceeded");
    assertThat(Integer.parseInt(header(third, "Retry-After"))).isBetween(1, 31);
    eventually(() -> today(slow).requests() == 2);
  }

  @Test
  void models_otherThanTheKeys_are403() {
    NewKey other = store.keys().add(KeyRequest.named("other").withModels(List.of("another-model")));
    TestServer.Reply reply = ask(other, chat(1, ""));
    assertThat(reply.status()).isEqualTo(403);
    assertThat(reply.at("error.code")).isEqualTo("model_not_allowed");
    NewKey same = store.keys().add(KeyRequest.named("same").withModels(List.of("tiny")));
    assertThat(ask(same, chat(1, "")).status()).isEqualTo(200);
  }

  @Test
  void vectorsAndRefusedRequests_areCountedForWhatTheyTook() {
    NewKey key = store.keys().add(KeyRequest.named("vectors").withTokensPerDay(10_000));
    TestServer.Reply vectors =
        server.post(
            "/v1/embeddings",
            "{\"input\":[\"ab\",\"c\"]}",
            "Authorization",
            "Bearer " + key.secret());
    long tokens = (long) vectors.at("usage.prompt_tokens");
    eventually(() -> today(key).promptTokens() == tokens);
    String tooLong = "a ".repeat(3 * TestServer.CONTEXT);
    assertThat(ask(key, chat(5, "").replace("go on", tooLong)).status()).isEqualTo(400);
    assertThat(get("/moineau/usage", key).at("today.requests")).isEqualTo(1L);
    assertThat(header(ask(key, chat(1, "")), "X-RateLimit-Remaining-Tokens"))
        .as("nothing is held any more")
        .isGreaterThan("9");
  }

  @Test
  void clientGone_paysForWhatWasMade() throws IOException {
    NewKey key = store.keys().add(KeyRequest.named("gone").withTokensPerDay(100_000));
    try (Socket socket = server.connect()) {
      sendPost(
          socket, CHAT, endless(1900, ",\"stream\":true"), "Authorization: Bearer " + key.secret());
      TestServer.readUntil(socket, "data: ");
    }
    eventually(() -> today(key).completionTokens() > 0);
    assertThat(today(key).completionTokens()).isLessThan(1900);
  }

  @Test
  void shares_oneKeyWithManyRequests_doesNotKeepAnotherWaiting() throws Exception {
    NewKey busy = store.keys().add(KeyRequest.named("busy"));
    NewKey quiet = store.keys().add(KeyRequest.named("quiet"));
    List<Future<TestServer.Reply>> crowd = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      long before = server.moineau.stats().requests();
      for (int i = 0; i < 40; i++) {
        crowd.add(threads.submit(() -> ask(busy, chat(150, ""))));
      }
      eventually(() -> server.moineau.stats().requests() >= before + 40);
      assertThat(ask(quiet, chat(5, "")).status()).isEqualTo(200);
      long waiting = crowd.stream().filter(answer -> !answer.isDone()).count();
      // By turns it would have come last; by key it comes after those that run already.
      assertThat(waiting).isGreaterThan(20);
    }
    for (Future<TestServer.Reply> answer : crowd) {
      assertThat(answer.get().status()).isEqualTo(200);
    }
  }

  @Test
  void storeAway_knownKeysGoOn_unknownOnesAre503_andNothingIsLost()
      throws SQLException, IOException {
    NewKey key = store.keys().add(KeyRequest.named("during"));
    assertThat(ask(key, chat(1, "")).status()).isEqualTo(200);
    eventually(() -> today(key).requests() == 1);
    Path file = folder.resolve("store.mv.db");
    Path away = folder.resolve("elsewhere");
    String url = "jdbc:h2:file:" + folder.resolve("store").toAbsolutePath();
    try (Connection connection = DriverManager.getConnection(url, "sa", "")) {
      connection.createStatement().execute("SHUTDOWN IMMEDIATELY");
    } catch (SQLException e) {
      assertThat(e.getMessage()).contains("closed");
    }
    Files.move(file, away);
    try {
      eventually(() -> server.get("/health/ready").body().contains("trouble"));
      assertThat(server.get("/health/ready").status()).isEqualTo(200);
      assertThat(ask(key, chat(1, "")).status()).isEqualTo(200);
      TestServer.Reply unknown = server.post(CHAT, "{}", "X-Api-Key", "mo-new");
      assertThat(unknown.status()).isEqualTo(503);
      assertThat(unknown.at("error.code")).isEqualTo("keys_unavailable");
      TestServer.Reply conversations = get("/moineau/conversations", key);
      assertThat(conversations.status()).isEqualTo(503);
      assertThat(conversations.body()).doesNotContain(folder.toString());
    } finally {
      Files.move(away, file);
    }
    eventually(() -> store.usage().pendingRequests() == 0 && store.trouble().isEmpty());
    assertThat(today(key).requests()).isEqualTo(2);
    assertThat(server.get("/health/ready").body()).doesNotContain("trouble");
    assertThat(NOTICES).isNotEmpty();
  }

  @Test
  void conversations_areKeptForTheirKeyAlone() {
    NewKey other = store.keys().add(KeyRequest.named("neighbour"));
    String body =
        "{\"title\":\"Birds\",\"updated\":1700000000000,\"conversation\":{\"messages\":[1,{\"a\":\"ü\"}]}}";
    assertThat(conversation("PUT", "c-1", office, body).status()).isEqualTo(200);
    TestServer.Reply list = get("/moineau/conversations", office);
    assertThat(list.at("conversations.0.title")).isEqualTo("Birds");
    assertThat(list.at("conversations.0.updated")).isEqualTo(1_700_000_000_000L);
    TestServer.Reply one = get("/moineau/conversations/c-1", office);
    assertThat(one.at("conversation.messages.1.a")).isEqualTo("ü");
    assertThat(get("/moineau/conversations/c-1", other).status()).isEqualTo(404);
    assertThat(conversation("DELETE", "c-1", other, "").status()).isEqualTo(404);
    assertThat(conversation("PUT", "c 1", office, body).status()).isEqualTo(400);
    String large = body.replace("ü", "x".repeat(1 << 20));
    assertThat(conversation("PUT", "c-2", office, large).status()).isEqualTo(413);
    assertThat(conversation("DELETE", "c-1", office, "").status()).isEqualTo(200);
    assertThat(get("/moineau/conversations", office).body()).doesNotContain("Birds");
    assertThat(server.get("/moineau/settings").at("keys")).isEqualTo(true);
    assertThat(server.get("/moineau/settings").at("conversations")).isEqualTo(true);
  }

  private static TestServer.Reply conversation(String method, String id, NewKey key, String body) {
    return server.send(
        HttpRequest.newBuilder(
                URI.create(
                    server.server.uri() + "/moineau/conversations/" + id.replace(" ", "%20")))
            .header("X-Api-Key", key.secret())
            .method(method, HttpRequest.BodyPublishers.ofString(body))
            .build());
  }

  @Test
  void conversations_withoutKeys_areThoseOfTheMachine() {
    try (TestServer open =
        new TestServer(TestServer.options().withConversations(store.conversations()))) {
      HttpRequest.Builder put =
          HttpRequest.newBuilder(URI.create(open.server.uri() + "/moineau/conversations/c-9"))
              .PUT(HttpRequest.BodyPublishers.ofString("{\"title\":\"Mine\",\"conversation\":{}}"));
      assertThat(open.send(put.build()).status()).isEqualTo(200);
      assertThat(open.get("/moineau/conversations").at("conversations.0.title")).isEqualTo("Mine");
      assertThat(get("/moineau/conversations", office).body()).doesNotContain("Mine");
    }
  }

  @Test
  void withoutKeysAndStore_settingsAndUsageSayIt() {
    try (TestServer open = new TestServer(TestServer.options())) {
      assertThat(open.get("/moineau/settings").at("keys")).isEqualTo(false);
      assertThat(open.get("/moineau/usage").at("keys")).isEqualTo(false);
      TestServer.Reply conversations = open.get("/moineau/conversations");
      assertThat(conversations.status()).isEqualTo(404);
      assertThat(conversations.at("error.code")).isEqualTo("conversations_off");
    }
  }
}
