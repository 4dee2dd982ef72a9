package io.moineau.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.server.access.TrustedProxies;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Where requests come from, over real HTTP: this machine plays the proxy. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class ProxyTest {
  private static TestServer server;

  @BeforeAll
  static void start() {
    server =
        new TestServer(
            TestServer.options().withTrustedProxies(TrustedProxies.of(List.of("127.0.0.0/8"))), 1);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @BeforeEach
  void forget() {
    server.log.clear();
  }

  private AccessEntry entry(String forwardedFor) {
    server.post("/tokenize", "{\"content\":\"a\"}", "X-Forwarded-For", forwardedFor);
    TestServer.eventually(() -> !server.log.isEmpty());
    return server.log.remove();
  }

  @Test
  void logAndShare_haveTheCallersAddress() {
    AccessEntry entry = entry("198.51.100.1, 203.0.113.9");
    assertThat(entry.remote()).isEqualTo("203.0.113.9");
    assertThat(entry.caller().share()).isEqualTo("203.0.113.9");
    assertThat(entry("no address").remote()).isEqualTo("127.0.0.1");
  }
}
