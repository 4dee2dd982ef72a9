package io.moineau.server;

import static io.moineau.server.TestServer.readAll;
import static io.moineau.server.TestServer.write;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What browsers are let through, for which pages. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class CorsTest {
  private static final String CHAT = "/v1/chat/completions";
  private static final String FRIEND = "https://chat.example";

  private static TestServer closed;
  private static TestServer named;
  private static TestServer open;

  @BeforeAll
  static void start() {
    closed = new TestServer(TestServer.options());
    named = new TestServer(TestServer.options().withCorsOrigins(List.of(FRIEND)));
    open = new TestServer(TestServer.options().withCorsOrigins(List.of("*")));
  }

  @AfterAll
  static void stop() {
    closed.close();
    named.close();
    open.close();
  }

  /** The whole answer to a request with these header lines. */
  private static String ask(TestServer server, String method, String path, String... headers)
      throws IOException {
    boolean hasHost = List.of(headers).stream().anyMatch(header -> header.startsWith("Host:"));
    try (Socket socket = server.connect()) {
      write(
          socket,
          method
              + " "
              + path
              + " HTTP/1.1\r\nConnection: close\r\n"
              + (hasHost ? "" : "Host: 127.0.0.1:" + server.server.port() + "\r\n")
              + String.join("\r\n", headers)
              + (headers.length == 0 ? "\r\n" : "\r\n\r\n"));
      return readAll(socket).toLowerCase(Locale.ROOT);
    }
  }

  private static String preflight(TestServer server, String origin) throws IOException {
    return ask(
        server,
        "OPTIONS",
        CHAT,
        "Origin: " + origin,
        "Access-Control-Request-Method: POST",
        "Access-Control-Request-Headers: authorization, content-type, x-stainless-lang");
  }

  @ParameterizedTest
  @ValueSource(strings = {FRIEND, "http://evil.example", "null", "http://127.0.0.1:1"})
  void closed_otherOrigins_areRefusedWithTheCure(String origin) throws IOException {
    for (String answer :
        List.of(
            preflight(closed, origin),
            ask(closed, "GET", "/v1/models", "Origin: " + origin),
            ask(closed, "POST", CHAT, "Origin: " + origin, "Content-Length: 0"))) {
      assertThat(answer)
          .startsWith("http/1.1 403")
          .contains("origin_not_allowed")
          .contains("--cors-origin")
          .doesNotContain("access-control-allow");
    }
  }

  @Test
  void ownOriginAndNoOrigin_areAnswered() throws IOException {
    String own = "Origin: http://127.0.0.1:" + closed.server.port();
    assertThat(ask(closed, "GET", "/v1/models", own)).startsWith("http/1.1 200");
    assertThat(ask(closed, "GET", "/v1/models"))
        .startsWith("http/1.1 200")
        .contains("x-content-type-options: nosniff")
        .contains("cache-control: no-store");
  }

  @Test
  void named_preflight_allowsWhatIsAskedAndNoMore() throws IOException {
    assertThat(preflight(named, FRIEND))
        .startsWith("http/1.1 204")
        .contains("access-control-allow-origin: " + FRIEND)
        .contains("access-control-allow-methods: options, post")
        .contains("access-control-allow-headers: authorization, content-type, x-stainless-lang")
        .contains("vary: origin")
        .doesNotContain("credentials");
    assertThat(preflight(named, "https://chat.example.evil")).startsWith("http/1.1 403");
    assertThat(preflight(named, "http://chat.example")).startsWith("http/1.1 403");
  }

  @Test
  void named_answersAndErrors_canBeReadByThePage() throws IOException {
    assertThat(ask(named, "GET", "/v1/models", "Origin: " + FRIEND))
        .startsWith("http/1.1 200")
        .contains("access-control-allow-origin: " + FRIEND)
        .contains("access-control-expose-headers: x-request-id, retry-after");
    assertThat(ask(named, "GET", "/nothing", "Origin: " + FRIEND))
        .startsWith("http/1.1 404")
        .contains("access-control-allow-origin: " + FRIEND);
    assertThat(ask(named, "GET", "/v1/models")).contains("vary: origin");
  }

  @Test
  void open_everyOriginIsAllowed_withoutCredentials() throws IOException {
    assertThat(preflight(open, "null"))
        .startsWith("http/1.1 204")
        .contains("access-control-allow-origin: *")
        .doesNotContain("credentials");
  }

  @Test
  void browser_ledHereByAForeignName_isRefused() throws IOException {
    String rebound = "Host: evil.example:" + closed.server.port();
    assertThat(ask(closed, "GET", "/v1/models", rebound, "Sec-Fetch-Site: same-origin"))
        .startsWith("http/1.1 403")
        .contains("host_not_allowed");
    String own = "Origin: http://evil.example:" + closed.server.port();
    assertThat(ask(closed, "POST", CHAT, rebound, own, "Content-Length: 0"))
        .startsWith("http/1.1 403");
    assertThat(ask(closed, "GET", "/v1/models", rebound)).startsWith("http/1.1 200"); // no browser
    assertThat(ask(named, "GET", "/v1/models", "Host: chat.example", "Sec-Fetch-Site: none"))
        .startsWith("http/1.1 200");
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:8080,true",
    "chat.localhost,true",
    "[::1]:8080,true",
    "192.168.1.7:80,true",
    "localhost.evil.example,false",
    "127.0.0.1.evil.example:8080,false",
  })
  void names_ofThisMachine_areKnown(String host, boolean own) throws IOException {
    String answer = ask(closed, "GET", "/health", "Host: " + host, "Sec-Fetch-Site: none");
    assertThat(answer).startsWith(own ? "http/1.1 200" : "http/1.1 403");
  }

  @ParameterizedTest
  @CsvSource({
    "https://a.example,true",
    "http://localhost:3000,true",
    "vscode-webview://abc,true",
    "*,true",
    "https://a.example/,false",
    "a.example,false",
    "https://*.example,false",
    "'https://a.example\r\nX: y',false",
  })
  void origins_areChecked(String text, boolean is) {
    assertThat(Cors.isOrigin(text)).isEqualTo(is);
  }
}
