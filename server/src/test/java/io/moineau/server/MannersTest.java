package io.moineau.server;

import static io.moineau.server.TestServer.endless;
import static io.moineau.server.TestServer.eventually;
import static io.moineau.server.TestServer.readAll;
import static io.moineau.server.TestServer.readUntil;
import static io.moineau.server.TestServer.sendPost;
import static io.moineau.server.TestServer.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.ServingOptions;
import io.moineau.server.http.HttpLimits;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that vanish, are slow, send garbage or too much. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MannersTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final int BODY = 64 << 10;

  private TestServer server;

  /** How the servers of these tests are reached. */
  ServerOptions options() {
    return TestServer.options();
  }

  /** Whom the clients of these tests trust; null without TLS. */
  @Nullable SSLContext trusting() {
    return null;
  }

  /** How many times the shortest deadlines that a busy machine keeps. */
  int patience() {
    return 1;
  }

  @BeforeAll
  void start() {
    HttpLimits limits =
        new HttpLimits(
            BODY,
            8 << 10,
            64,
            Duration.ofMillis(700 * patience()),
            Duration.ofMillis(900 * patience()),
            Duration.ofMillis(1200 * patience()),
            Duration.ofMillis(800 * patience()));
    server =
        new TestServer(
            options().withLimits(limits).withHeartbeat(Duration.ofMillis(5)),
            8,
            ServingOptions.defaults(),
            trusting());
  }

  @AfterAll
  void stop() {
    server.close();
  }

  private void answers() {
    assertThat(server.post(CHAT, endless(2, "")).status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ",\"stream\":true", ",\"n\":3", ",\"stream\":true,\"n\":2"})
  void clientGone_whileAnswered_cancelsAll(String more) throws IOException {
    Socket socket = server.connect();
    sendPost(socket, CHAT, endless(2000, more));
    eventually(() -> server.server.running() > 0);
    socket.close();
    eventually(() -> server.server.running() == 0);
    eventually(() -> server.moineau.stats().usedBlocks() == 0);
    eventually(() -> server.log.stream().anyMatch(entry -> entry.status() == 499));
    server.log.clear();
    answers();
  }

  @Test
  void clientGone_byReset_cancels() throws IOException {
    Socket socket = server.connect();
    socket.setSoLinger(true, 0);
    sendPost(socket, CHAT, endless(2000, ""));
    eventually(() -> server.server.running() > 0);
    socket.close(); // with a reset
    eventually(() -> server.server.running() == 0);
    answers();
  }

  @Test
  void reader_thatTakesNothing_isCutOff() throws IOException {
    try (Socket socket = server.connect(1024)) {
      sendPost(
          socket,
          CHAT,
          endless(1900, ",\"stream\":true,\"n\":8,\"logprobs\":true,\"top_logprobs\":20"));
      eventually(() -> server.server.running() > 0);
      eventually(() -> server.server.running() == 0);
    }
    answers();
  }

  @Test
  void headers_thatTrickle_are408() throws IOException {
    try (Socket socket = server.connect()) {
      write(socket, "GET /health HTTP/1.1\r\nHost: te");
      String answer = readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 408").contains("\"error\"");
    }
    answers();
  }

  @Test
  void body_thatTrickles_is408() throws IOException {
    try (Socket socket = server.connect()) {
      write(socket, "POST " + CHAT + " HTTP/1.1\r\nHost: test\r\nContent-Length: 500\r\n\r\n{");
      String answer = readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 408").contains("body_too_slow");
    }
  }

  @Test
  void body_cutShort_isNoAnswerAndNoHarm() throws IOException {
    try (Socket socket = server.connect()) {
      write(socket, "POST " + CHAT + " HTTP/1.1\r\nHost: test\r\nContent-Length: 500\r\n\r\n{");
      socket.shutdownOutput();
      assertThat(readAll(socket)).doesNotContain("200 OK");
    }
    answers();
  }

  @Test
  void connection_withNothingOnIt_isClosed() throws IOException {
    try (Socket socket = server.connect()) {
      assertThat(readAll(socket)).isEmpty();
    }
  }

  @Test
  void body_tooLargeByItsLength_is413() throws IOException {
    try (Socket socket = server.connect()) {
      write(
          socket,
          "POST "
              + CHAT
              + " HTTP/1.1\r\nHost: test\r\nContent-Length: "
              + (BODY + 1)
              + "\r\n\r\n{");
      String answer = readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 413").contains(String.valueOf(BODY));
    }
  }

  @Test
  void body_tooLargeInChunks_is413() throws IOException {
    try (Socket socket = server.connect()) {
      write(
          socket, "POST " + CHAT + " HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n");
      String chunk = "4000\r\n" + "x".repeat(0x4000) + "\r\n";
      for (int i = 0; i < 5; i++) {
        write(socket, chunk);
      }
      assertThat(readAll(socket)).startsWith("HTTP/1.1 413");
    }
  }

  @Test
  void body_inChunks_isRead() throws IOException {
    try (Socket socket = server.connect()) {
      String body = endless(1, "");
      String head = body.substring(0, 10);
      String tail = body.substring(10);
      write(
          socket,
          "POST "
              + CHAT
              + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
              + Integer.toHexString(head.length())
              + "\r\n"
              + head
              + "\r\n"
              + Integer.toHexString(tail.length())
              + "\r\n"
              + tail
              + "\r\n0\r\n\r\n");
      assertThat(readAll(socket)).startsWith("HTTP/1.1 200");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "garbage\r\n\r\n",
        "GET /health HTTP/1.0\r\n\r\n",
        "GET /%zz HTTP/1.1\r\nHost: test\r\n\r\n",
        "POST /v1/chat/completions HTTP/1.1\r\nHost: test\r\nContent-Length: abc\r\n\r\n",
        "POST /v1/chat/completions HTTP/1.1\r\nHost: test\r\nContent-Length: -1\r\n\r\n",
        "\u0016\u0003\u0001\u0002",
      })
  void garbage_isRefusedAndClosed(String text) throws IOException {
    try (Socket socket = server.connect()) {
      write(socket, text);
      String answer = readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 ").contains("\"error\"");
      assertThat(answer.charAt("HTTP/1.1 ".length())).isIn('4', '5');
      assertThat(answer).doesNotContain("Exception").doesNotContain("io.helidon");
    }
    answers();
  }

  @Test
  void headers_tooLarge_areRefused() throws IOException {
    try (Socket socket = server.connect()) {
      write(
          socket,
          "GET /health HTTP/1.1\r\nHost: test\r\nX-Long: " + "a".repeat(9 << 10) + "\r\n\r\n");
      assertThat(readAll(socket)).startsWith("HTTP/1.1 4");
    }
  }

  @Test
  void requests_sentAtOnce_areAnsweredInOrder() throws IOException {
    try (Socket socket = server.connect()) {
      String body = endless(3, "");
      sendPost(socket, CHAT, body);
      write(socket, "GET /v1/models HTTP/1.1\r\nHost: test\r\n\r\n");
      write(socket, "GET /health/live HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
      String all = readAll(socket);
      int chat = all.indexOf("chat.completion");
      int models = all.indexOf("\"list\"");
      int live = all.indexOf("\"ok\"");
      assertThat(chat).isPositive();
      assertThat(models).isGreaterThan(chat);
      assertThat(live).isGreaterThan(models);
    }
  }

  @Test
  void stream_thatIsSilent_isKeptAliveByComments() throws IOException {
    // The others keep the only thread busy, so that the last one is silent for a while.
    Socket[] others = new Socket[7];
    for (int i = 0; i < others.length; i++) {
      others[i] = server.connect();
      sendPost(others[i], CHAT, endless(1500, ""));
    }
    try (Socket socket = server.connect()) {
      String long1 = "word ".repeat(1000);
      sendPost(
          socket,
          CHAT,
          "{\"messages\":[{\"role\":\"user\",\"content\":\""
              + long1
              + "\"}],\"stream\":true,\"max_tokens\":3}");
      assertThat(readUntil(socket, ": still here")).contains("text/event-stream");
      for (Socket other : others) {
        other.close();
      }
    }
    eventually(() -> server.server.running() == 0);
  }

  @Test
  void requestId_plain_isKept() {
    assertThat(
            server
                .post(CHAT, "{}", "X-Request-Id", "mine-1")
                .http()
                .headers()
                .firstValue("x-request-id"))
        .hasValue("mine-1");
  }

  @Test
  void head_hasNoBody() throws IOException {
    try (Socket socket = server.connect()) {
      write(socket, "HEAD /v1/models HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
      String answer = readAll(socket);
      assertThat(answer).startsWith("HTTP/1.1 200").endsWith("\r\n\r\n");
    }
  }

  @Test
  void queue_full_is429WithTheTimeToComeBack() throws IOException {
    try (TestServer small =
            new TestServer(options(), 1, ServingOptions.defaults().withMaxWaiting(1), trusting());
        Socket first = small.connect();
        Socket second = small.connect()) {
      sendPost(first, CHAT, endless(2000, ""));
      eventually(() -> small.moineau.stats().running() == 1);
      sendPost(second, CHAT, endless(2000, ""));
      eventually(() -> small.moineau.stats().waiting() == 1);
      TestServer.Reply third = small.post(CHAT, endless(1, ""));
      assertThat(third.status()).isEqualTo(429);
      assertThat(third.at("error.type")).isEqualTo("rate_limit_error");
      assertThat(third.at("error.code")).isEqualTo("engine_busy");
      String after = third.http().headers().firstValue("retry-after").orElse("");
      assertThat(Integer.parseInt(after)).isPositive();
      TestServer.Reply stream = small.post(CHAT, endless(1, ",\"stream\":true"));
      assertThat(stream.status()).isEqualTo(429); // not 200 with an error within
      first.close();
      second.close();
      eventually(() -> small.server.running() == 0);
      assertThat(small.post(CHAT, endless(1, "")).status()).isEqualTo(200);
    }
  }

  @Test
  void port_taken_isNamed() {
    assertThatThrownBy(() ->
            Server.start(server.moineau, ServerOptions.defaults().withPort(server.server.port())))
        .isInstanceOf(ServerException.class)
        .hasFieldOrPropertyWithValue("code", "port-taken")
        .hasMessageContaining(String.valueOf(server.server.port()));
  }
}
