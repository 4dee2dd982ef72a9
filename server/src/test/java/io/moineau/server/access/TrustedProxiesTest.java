package io.moineau.server.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.server.ServerException;
import io.moineau.server.http.HttpRequest;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Where a request comes from, behind proxies and beside them. */
final class TrustedProxiesTest {
  private static final TrustedProxies PROXIES =
      TrustedProxies.of(List.of("10.0.0.0/8", "127.0.0.1", "fd00::/8", "192.0.2.128/25"));

  /** A request from an address, with headers. */
  private record From(String remote, List<String> forwarded, List<String> proto)
      implements HttpRequest {
    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String path() {
      return "/";
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
      return headers(name).stream().findFirst();
    }

    @Override
    public List<String> headers(String name) {
      return switch (name) {
        case "X-Forwarded-For" -> forwarded;
        case "X-Forwarded-Proto" -> proto;
        default -> List.of();
      };
    }

    @Override
    public byte[] body() {
      return new byte[0];
    }

    @Override
    public void onGone(Runnable action) {}
  }

  private static String caller(String remote, String... forwarded) {
    return PROXIES.seen(new From(remote, List.of(forwarded), List.of())).remote();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      value = {
        // from | X-Forwarded-For | caller
        "10.1.2.3 | 203.0.113.9 | 203.0.113.9",
        "10.1.2.3 | 1.1.1.1, 203.0.113.9 | 203.0.113.9", // what the caller wrote itself is no news
        "10.1.2.3 | 203.0.113.9, 10.9.9.9 | 203.0.113.9", // two proxies, one behind the other
        "10.1.2.3 | 127.0.0.1, 203.0.113.9 | 203.0.113.9", // as if it came from this machine
        "10.1.2.3 | 10.7.7.7, 10.8.8.8 | 10.7.7.7", // somebody inside
        "10.1.2.3 | unknown | 10.1.2.3",
        "10.1.2.3 | 203.0.113.9, unknown | 10.1.2.3",
        "10.1.2.3 | 203.0.113.9, example.com, 10.4.4.4 | 10.4.4.4",
        "10.1.2.3 | '' | 10.1.2.3",
        "10.1.2.3 | 203.0.113.9:4711 | 203.0.113.9",
        "10.1.2.3 | '[2001:db8::1]:4711' | 2001:db8:0:0:0:0:0:1",
        "10.1.2.3 | 2001:DB8:0::1 | 2001:db8:0:0:0:0:0:1",
        "10.1.2.3 | ::ffff:203.0.113.9 | 203.0.113.9",
        "10.1.2.3 | 999.0.0.1 | 10.1.2.3",
        "10.1.2.3 | 7 | 10.1.2.3",
        "fd12::1 | 203.0.113.9 | 203.0.113.9",
        "192.0.2.200 | 203.0.113.9 | 203.0.113.9",
        "192.0.2.127 | 203.0.113.9 | 192.0.2.127", // no proxy of ours: its word counts for nothing
        "203.0.113.7 | 10.0.0.1 | 203.0.113.7",
      })
  void caller_isTheLastAddressThatIsNoTrustedProxy(String from, String forwarded, String caller) {
    assertThat(caller(from, forwarded)).isEqualTo(caller);
  }

  @Test
  void severalHeaders_areOneList() {
    assertThat(caller("10.1.2.3", "1.1.1.1", "203.0.113.9"))
        .as("a proxy that adds a header of its own to the caller's")
        .isEqualTo("203.0.113.9");
    assertThat(caller("10.1.2.3", "203.0.113.9, 10.2.2.2", "10.3.3.3")).isEqualTo("203.0.113.9");
    assertThat(caller("10.1.2.3")).isEqualTo("10.1.2.3");
  }

  @Test
  void none_looksAtNoHeader() {
    HttpRequest seen =
        TrustedProxies.NONE.seen(new From("127.0.0.1", List.of("203.0.113.9"), List.of("https")));
    assertThat(seen.remote()).isEqualTo("127.0.0.1");
    assertThat(seen.header("X-Forwarded-Proto")).isEmpty();
    assertThat(seen.header("X-Forwarded-For")).as("/metrics asks for it").isPresent();
  }

  @Test
  void scheme_isTheNearestProxysWord() {
    From request = new From("10.1.2.3", List.of("203.0.113.9"), List.of("http", "https"));
    assertThat(PROXIES.seen(request).header("x-forwarded-proto")).contains("https");
    From stranger = new From("203.0.113.9", List.of(), List.of("https"));
    assertThat(PROXIES.seen(stranger).header("X-Forwarded-Proto")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/",
        "proxy.example",
        "",
        "10/8",
        "fd00::/129"
      })
  void of_whatIsNoNetwork_isNamed(String network) {
    assertThatThrownBy(() -> TrustedProxies.of(List.of(network)))
        .isInstanceOf(ServerException.class)
        .hasFieldOrPropertyWithValue("code", "bad-network")
        .hasMessageContaining("10.0.0.0/8");
  }
}
