package io.moineau.server;

import static io.moineau.server.TestServer.eventually;
import static io.moineau.server.TestServer.readAll;
import static io.moineau.server.TestServer.readUntil;
import static io.moineau.server.TestServer.sendPost;
import static io.moineau.server.TestServer.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.ServingOptions;
import io.moineau.server.http.HttpLimits;
import io.moineau.server.tls.TestCertificates;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** HTTPS: handshakes, certificates that change, clients that speak something else. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TlsTest {
  private static final HttpLimits LIMITS =
      new HttpLimits(
          1 << 20,
          8 << 10,
          64,
          Duration.ofSeconds(3),
          Duration.ofSeconds(5),
          Duration.ofSeconds(30),
          Duration.ofSeconds(5));

  @TempDir Path folder;

  private TestServer server(TestCertificates certificates) throws IOException {
    return new TestServer(
        TestServer.options().withTls(certificates.files(folder)).withLimits(LIMITS),
        2,
        ServingOptions.defaults(),
        certificates.trusting());
  }

  private static SSLSocket open(TestServer server) throws IOException {
    SSLSocket socket = (SSLSocket) server.connect();
    socket.startHandshake();
    return socket;
  }

  private static Certificate shown(TestServer server) {
    try (SSLSocket socket = open(server)) {
      return socket.getSession().getPeerCertificates()[0];
    } catch (IOException e) {
      return TestCertificates.selfSigned("EC").certificate(); // refused: another one
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.3", "TLSv1.2"})
  void chainOfTwo_answersOverEachVersion(String version) throws IOException {
    TestCertificates root = TestCertificates.selfSigned("RSA");
    try (TestServer server = server(root.issue("EC"));
        SSLSocket socket = (SSLSocket) server.connect()) {
      assertThat(server.server.uri().getScheme()).isEqualTo("https");
      socket.setEnabledProtocols(new String[] {version});
      socket.startHandshake();
      assertThat(socket.getSession().getPeerCertificates()).hasSize(2);
      sendPost(socket, "/v1/chat/completions", TestServer.endless(20, ",\"stream\":true"));
      assertThat(readUntil(socket, "[DONE]")).startsWith("HTTP/1.1 200");
      assertThat(server.get("/v1/models").status()).isEqualTo(200);
    }
  }

  @Test
  void largeBodyAndAnswer_comeWhole() throws IOException {
    try (TestServer server = server(TestCertificates.selfSigned("Ed25519"))) {
      String text = "word ".repeat(60_000);
      TestServer.Reply reply =
          server.post("/tokenize", "{\"content\":\"" + text + "\",\"return_token_strs\":true}");
      assertThat(reply.status()).isEqualTo(200);
      assertThat((List<?>) reply.at("token_strs")).hasSizeGreaterThan(60_000);
    }
  }

  @Test
  void filesThatChange_areTakenByNewConnections_brokenOnesAreNot() throws IOException {
    TestCertificates root = TestCertificates.selfSigned("EC");
    TestCertificates one = root.issue("EC");
    TestCertificates two = root.issue("RSA");
    try (TestServer server = server(one);
        SSLSocket before = open(server)) {
      assertThat(shown(server)).isEqualTo(one.certificate());
      Files.writeString(folder.resolve("cert.pem"), two.chainPem()); // its key is not there yet
      long end = System.nanoTime() + Duration.ofMillis(2500).toNanos();
      while (System.nanoTime() < end) {
        assertThat(shown(server)).isEqualTo(one.certificate());
      }
      Files.writeString(folder.resolve("key.pem"), two.keyPem());
      eventually(() -> shown(server).equals(two.certificate()));
      Files.delete(folder.resolve("key.pem"));
      write(before, "GET /health HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
      assertThat(readAll(before)).startsWith("HTTP/1.1 200");
      assertThat(shown(server)).isEqualTo(two.certificate());
    }
  }

  @Test
  void httpWithoutTls_isToldWhatIsSpoken() throws IOException {
    try (TestServer server = server(TestCertificates.selfSigned("EC"));
        Socket socket = new Socket("127.0.0.1", server.server.port())) {
      write(socket, "GET /v1/models HTTP/1.1\r\nHost: test\r\n\r\n");
      assertThat(readAll(socket)).startsWith("HTTP/1.1 400").contains("https://");
    }
  }

  @Test
  void handshake_thatIsNotBegunOrNotEnded_isCutOff() throws IOException {
    try (TestServer server = server(TestCertificates.selfSigned("EC"));
        Socket silent = new Socket("127.0.0.1", server.server.port());
        Socket half = new Socket("127.0.0.1", server.server.port())) {
      half.getOutputStream().write(new byte[] {22, 3, 1, 2, 0, 1});
      silent.setSoTimeout(20_000);
      half.setSoTimeout(20_000);
      for (Socket socket : List.of(silent, half)) {
        int last = socket.getInputStream().read();
        while (last >= 0) {
          last = socket.getInputStream().read(); // it is told why
        }
      }
      assertThat(server.get("/health").status()).isEqualTo(200);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1", "TLSv1.1"})
  void oldVersions_areRefused(String version) throws IOException {
    try (TestServer server = server(TestCertificates.selfSigned("EC"));
        SSLSocket socket = (SSLSocket) server.connect()) {
      socket.setEnabledProtocols(new String[] {version});
      assertThatThrownBy(socket::startHandshake).isInstanceOf(SSLException.class);
    }
  }

  @Test
  void secondHandshake_onTls12_endsTheConnection() throws IOException {
    try (TestServer server = server(TestCertificates.selfSigned("EC"));
        SSLSocket socket = (SSLSocket) server.connect()) {
      socket.setEnabledProtocols(new String[] {"TLSv1.2"});
      socket.startHandshake();
      assertThatThrownBy(
              () -> {
                socket.startHandshake(); // says that it wants another
                write(socket, "GET /health HTTP/1.1\r\nHost: test\r\n\r\n");
                readUntil(socket, "200 OK");
              })
          .isInstanceOfAny(IOException.class, AssertionError.class);
      assertThat(server.get("/health").status()).isEqualTo(200);
    }
  }

  @Test
  void newKeys_onTls13_areTaken() throws IOException {
    try (TestServer server = server(TestCertificates.selfSigned("EC"));
        SSLSocket socket = open(server)) {
      assertThat(socket.getSession().getProtocol()).isEqualTo("TLSv1.3");
      for (int i = 0; i < 3; i++) {
        socket.startHandshake(); // a KeyUpdate that asks for one in return
        write(socket, "GET /health HTTP/1.1\r\nHost: test\r\n\r\n");
        assertThat(readUntil(socket, "\"ok\"")).contains("200 OK");
      }
    }
  }

  @Test
  void garbageAfterTheHandshake_harmsNobody() throws IOException {
    try (TestServer server = server(TestCertificates.selfSigned("EC"));
        Socket raw = new Socket("127.0.0.1", server.server.port())) {
      raw.getOutputStream().write(22);
      raw.getOutputStream().write(new byte[20_000]);
      raw.setSoTimeout(20_000);
      try {
        while (raw.getInputStream().read() >= 0) {}
      } catch (java.net.SocketException e) {
        assertThat(e).hasMessageContaining("reset"); // closed with bytes unread
      }
      assertThat(server.get("/health").status()).isEqualTo(200);
    }
  }
}
