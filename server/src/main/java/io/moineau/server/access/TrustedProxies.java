package io.moineau.server.access;

import io.moineau.server.ServerException;
import io.moineau.server.http.HttpRequest;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The reverse proxies whose word is taken for where a request comes from.
 *
 * <p>Each proxy appends to {@code X-Forwarded-For} the address that it was asked from; what stands
 * further left was written by that address, which may write what it likes. So the list is read from
 * its end, and the first address that is no trusted proxy is the caller: nobody can pretend to be
 * another without being a trusted proxy. Without such proxies the header is not looked at.
 */
public final class TrustedProxies {
  /** Nobody's word is taken. */
  public static final TrustedProxies NONE = new TrustedProxies(List.of());

  private static final String ADDRESSES = "X-Forwarded-For";
  private static final String SCHEME = "X-Forwarded-Proto";

  /** Four numbers, or something with colons; shorter spellings of IPv4 are not taken. */
  private static final Pattern LITERAL =
      Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");

  private static final Pattern WITH_PORT =
      Pattern.compile("\\[([^]]*)](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}");

  private final List<Network> networks;

  private TrustedProxies(List<Network> networks) {
    this.networks = networks;
  }

  /** Addresses that begin with the same bits. */
  private record Network(byte[] address, int bits) {
    boolean contains(byte[] other) {
      if (other.length != address.length) {
        return false;
      }
      int whole = bits / Byte.SIZE;
      int rest = bits % Byte.SIZE;
      int mask = 0xff << (Byte.SIZE - rest);
      return Arrays.equals(address, 0, whole, other, 0, whole)
          && (rest == 0 || (address[whole] & mask) == (other[whole] & mask));
    }
  }

  /**
   * Of networks such as {@code 10.0.0.0/8} or {@code fd00::/8}, and single addresses.
   *
   * @throws ServerException {@code bad-network}
   */
  public static TrustedProxies of(List<String> networks) {
    return networks.isEmpty()
        ? NONE
        : new TrustedProxies(networks.stream().map(TrustedProxies::network).toList());
  }

  /** Whether a text is a network or an address. */
  public static boolean isNetwork(String text) {
    try {
      network(text);
      return true;
    } catch (ServerException e) {
      return false;
    }
  }

  private static Network network(String text) {
    int slash = text.indexOf('/');
    byte[] address = literal(slash < 0 ? text : text.substring(0, slash));
    if (address == null) {
      throw bad(text);
    }
    int most = address.length * Byte.SIZE;
    int bits = most;
    if (slash >= 0) {
      String number = text.substring(slash + 1);
      bits = number.matches("[0-9]{1,3}") ? Integer.parseInt(number) : -1;
    }
    if (bits < 0 || bits > most) {
      throw bad(text);
    }
    return new Network(address, bits);
  }

  private static ServerException bad(String text) {
    return new ServerException(
        "bad-network",
        "a proxy's address is none",
        text,
        "an address, or one with a number of bits, such as 10.0.0.0/8 or fd00::/8",
        "");
  }

  /** The bytes of an address, or null where it is none; no name is ever looked up. */
  private static byte @Nullable [] literal(String text) {
    int zone = text.indexOf('%');
    String plain = zone < 0 ? text : text.substring(0, zone);
    if (!LITERAL.matcher(plain).matches()) {
      return null;
    }
    try {
      return InetAddress.ofLiteral(plain).getAddress();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private boolean trusts(byte @Nullable [] address) {
    return address != null && networks.stream().anyMatch(network -> network.contains(address));
  }

  /**
   * A request as it looks from where it really comes: {@link HttpRequest#remote()} is the caller's
   * address, and {@link HttpRequest#header} has {@code X-Forwarded-Proto} only from a proxy that is
   * trusted.
   */
  public HttpRequest seen(HttpRequest http) {
    boolean trusted = !networks.isEmpty() && trusts(literal(http.remote()));
    String caller = trusted ? caller(http) : http.remote();
    Optional<String> scheme =
        trusted
            ? http.headers(SCHEME).stream().reduce((first, second) -> second)
            : Optional.empty();
    return new SeenRequest(http, caller, scheme);
  }

  private String caller(HttpRequest http) {
    String nearest = http.remote();
    // A proxy may append to the header or add one more of the name: together they are one list.
    String[] path = String.join(",", http.headers(ADDRESSES)).split(",", -1);
    for (int i = path.length - 1; i >= 0; i--) {
      byte[] address = literal(withoutPort(path[i].strip()));
      if (address == null) {
        return nearest; // "unknown", a name, or nonsense: the last one that is known counts
      }
      nearest = text(address);
      if (!trusts(address)) {
        return nearest;
      }
    }
    return nearest;
  }

  private static String withoutPort(String entry) {
    var matcher = WITH_PORT.matcher(entry);
    if (!matcher.matches()) {
      return entry;
    }
    return matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
  }

  /** One spelling for each address, so that nobody has several shares by spelling it otherwise. */
  private static String text(byte[] address) {
    try {
      return InetAddress.getByAddress(address).getHostAddress();
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException(e); // the bytes of an address are one
    }
  }

  /** A request, seen past the proxies. */
  private record SeenRequest(HttpRequest http, String remote, Optional<String> scheme)
      implements HttpRequest {
    @Override
    public String method() {
      return http.method();
    }

    @Override
    public String path() {
      return http.path();
    }

    @Override
    public Optional<String> query(String name) {
      return http.query(name);
    }

    @Override
    public List<String> queries(String name) {
      return http.queries(name);
    }

    @Override
    public Set<String> queryNames() {
      return http.queryNames();
    }

    @Override
    public Optional<String> header(String name) {
      return name.equalsIgnoreCase(SCHEME) ? scheme : http.header(name);
    }

    @Override
    public List<String> headers(String name) {
      return name.equalsIgnoreCase(SCHEME) ? scheme.stream().toList() : http.headers(name);
    }

    @Override
    public byte[] body() {
      return http.body();
    }

    @Override
    public void onGone(Runnable action) {
      http.onGone(action);
    }
  }
}
