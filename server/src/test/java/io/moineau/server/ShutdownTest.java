package io.moineau.server;

import static io.moineau.server.TestServer.endless;
import static io.moineau.server.TestServer.eventually;
import static io.moineau.server.TestServer.readAll;
import static io.moineau.server.TestServer.readUntil;
import static io.moineau.server.TestServer.sendPost;
import static io.moineau.server.TestServer.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that ends while it answers. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ShutdownTest {
  private static final String CHAT = "/v1/chat/completions";

  @Test
  void close_shortAnswers_finish() throws IOException, InterruptedException {
    try (TestServer server =
            new TestServer(TestServer.options().withGrace(Duration.ofSeconds(20)));
        Socket socket = server.connect()) {
      sendPost(socket, CHAT, endless(40, ",\"stream\":true"));
      readUntil(socket, "data: ");
      Thread closing = Thread.ofVirtual().start(server.server::close);
      String rest = readAll(socket);
      assertThat(rest).contains("\"finish_reason\":\"length\"").contains("[DONE]");
      closing.join();
      assertThat(server.server.running()).isZero();
    }
  }

  @Test
  void close_longAnswers_areToldThatTheServerEnds() throws IOException, InterruptedException {
    try (TestServer server = new TestServer(TestServer.options().withGrace(Duration.ofMillis(1)));
        Socket stream = server.connect();
        Socket whole = server.connect()) {
      sendPost(stream, CHAT, endless(2000, ",\"stream\":true"));
      sendPost(whole, CHAT, endless(2000, ""));
      readUntil(stream, "data: ");
      eventually(() -> server.server.running() == 2);
      Thread closing = Thread.ofVirtual().start(server.server::close);
      assertThat(readAll(stream)).contains("server_shutting_down").doesNotContain("[DONE]");
      assertThat(readAll(whole)).startsWith("HTTP/1.1 503").contains("Retry-After");
      closing.join();
      assertThat(server.server.running()).isZero();
    }
  }

  @Test
  void close_longEmbeddings_areToldThatTheServerEnds() throws IOException, InterruptedException {
    try (TestServer server = new TestServer(TestServer.options().withGrace(Duration.ofMillis(1)));
        Socket socket = server.connect()) {
      String text = "\"" + "a ".repeat(TestServer.CONTEXT / 4) + "\"";
      String texts = String.join(",", Collections.nCopies(500, text));
      sendPost(socket, "/v1/embeddings", "{\"input\":[" + texts + "]}");
      eventually(() -> server.server.running() == 1);
      Thread closing = Thread.ofVirtual().start(server.server::close);
      assertThat(readAll(socket))
          .startsWith("HTTP/1.1 503")
          .contains("Retry-After", "server_shutting_down");
      closing.join();
      assertThat(server.server.running()).isZero();
      eventually(() -> server.moineau.stats().usedBlocks() == 0);
    }
  }

  @Test
  void close_readinessTurns_livenessStays() throws IOException, InterruptedException {
    try (TestServer server =
            new TestServer(TestServer.options().withGrace(Duration.ofSeconds(20)));
        Socket busy = server.connect();
        Socket kept = server.connect();
        Socket second = server.connect()) {
      for (Socket socket : new Socket[] {kept, second}) {
        write(socket, "GET /health HTTP/1.1\r\nHost: test\r\n");
      }
      sendPost(busy, CHAT, endless(400, ",\"stream\":true"));
      readUntil(busy, "data: ");
      Thread closing = Thread.ofVirtual().start(server.server::close);
      eventually(() -> !isAccepting(server));
      write(kept, "\r\n");
      assertThat(readAll(kept)).startsWith("HTTP/1.1 503").contains("shutting down");
      second.close();
      busy.close();
      closing.join();
    }
  }

  @Test
  void close_connectionsWithNothingOnThem_doNotHoldItUp() throws IOException {
    try (TestServer server =
            new TestServer(TestServer.options().withGrace(Duration.ofSeconds(60)));
        Socket fresh = server.connect();
        Socket used = server.connect()) {
      write(used, "GET /health HTTP/1.1\r\nHost: test\r\n\r\n");
      readUntil(used, "\"ok\"}");
      long start = System.nanoTime();
      server.server.close();
      // Far from the 60 s that running answers would be given, on any machine.
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
      assertThat(readAll(used)).isEmpty();
      assertThat(readAll(fresh)).isEmpty();
    }
  }

  private static boolean isAccepting(TestServer server) {
    try (Socket socket = server.connect()) {
      return socket.isConnected();
    } catch (ConnectException e) {
      return false;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
