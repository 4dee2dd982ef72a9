package io.moineau.server;

import io.moineau.server.api.ApiException;
import io.moineau.server.http.HttpRequest;
import io.moineau.server.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Which web pages may use the server: its own, and those of origins that were named.
 *
 * <p>What a browser sends for a page of another origin is refused, not just left without CORS's
 * headers: those keep the page from reading the answer, but not the server from computing it. And a
 * browser that was led here by a foreign name which suddenly means this machine (DNS rebinding) is
 * told so by the name it used, as long as nobody is asked for a key. Programs that are no browsers
 * send neither {@code Origin} nor {@code Sec-Fetch-Site} and notice nothing of this.
 */
public final class Cors {
  private static final Pattern ORIGIN =
      Pattern.compile("[a-z][a-z0-9+.-]*://(\\[[0-9a-f:.]+]|[a-z0-9._-]+)(:[0-9]{1,5})?");
  private static final Pattern ADDRESS = Pattern.compile("\\[[0-9a-f:.]+]|[0-9]+(\\.[0-9]+){3}");
  private static final Pattern HEADER_NAMES = Pattern.compile("[A-Za-z0-9_, -]{0,1000}");
  private static final String EXPOSED =
      "X-Request-Id, Retry-After, X-RateLimit-Limit-Requests, X-RateLimit-Remaining-Requests,"
          + " X-RateLimit-Reset-Requests, X-RateLimit-Limit-Tokens, X-RateLimit-Remaining-Tokens,"
          + " X-RateLimit-Reset-Tokens";

  private final List<String> origins;
  private final boolean all;
  private final boolean namesMatter;

  /**
   * For these origins beside the server's own.
   *
   * @param namesMatter whether browsers must have used a name of this machine
   */
  Cors(List<String> origins, boolean namesMatter) {
    this.origins = origins.stream().map(origin -> origin.toLowerCase(Locale.ROOT)).toList();
    this.all = origins.contains("*");
    this.namesMatter = namesMatter && !all;
  }

  /** Whether a text names an origin: a scheme, a host and perhaps a port; or all of them. */
  public static boolean isOrigin(String text) {
    return text.equals("*") || ORIGIN.matcher(text.toLowerCase(Locale.ROOT)).matches();
  }

  /**
   * Sets the headers that let a page read the answer, where it may.
   *
   * @throws ApiException 403 {@code origin_not_allowed}, {@code host_not_allowed}
   */
  void check(HttpRequest http, HttpResponse response) {
    String origin = http.header("Origin").orElse("");
    if (!origins.isEmpty()) {
      response.header("Vary", "Origin");
    }
    boolean browser = !origin.isEmpty() || http.header("Sec-Fetch-Site").isPresent();
    String host = http.header("Host").orElse("").toLowerCase(Locale.ROOT);
    if (browser && namesMatter && !isOwnName(host)) {
      throw new ApiException(
          403,
          "host_not_allowed",
          "",
          0,
          "a browser came by a name that is not this machine's",
          host,
          "localhost, an address, or the host of a --cors-origin",
          "ask for http://localhost, or start the server with --cors-origin and the page's origin");
    }
    if (origin.isEmpty() || isSame(origin, host)) {
      return;
    }
    if (!isAllowed(origin)) {
      throw new ApiException(
          403,
          "origin_not_allowed",
          "",
          0,
          "web pages of this origin may not use the server",
          origin.length() > 200 ? origin.substring(0, 200) : origin,
          origins.isEmpty()
              ? "the server's own page"
              : "its own page, " + String.join(", ", origins),
          "start the server with --cors-origin and this origin");
    }
    response.header("Access-Control-Allow-Origin", all ? "*" : origin);
    response.header("Access-Control-Expose-Headers", EXPOSED);
  }

  /** Answers a browser that asks before it sends what a page wants; after {@link #check}. */
  void preflight(HttpRequest http, HttpResponse response, Set<String> methods) {
    if (http.header("Origin").isEmpty() || http.header("Access-Control-Request-Method").isEmpty()) {
      return;
    }
    response.header("Access-Control-Allow-Methods", String.join(", ", methods));
    String asked = http.header("Access-Control-Request-Headers").orElse("");
    if (!asked.isEmpty() && HEADER_NAMES.matcher(asked).matches()) {
      response.header("Access-Control-Allow-Headers", asked);
    }
    response.header("Access-Control-Max-Age", "600");
  }

  private boolean isAllowed(String origin) {
    return all || origins.contains(origin.toLowerCase(Locale.ROOT));
  }

  /** The scheme is left out: a proxy in front may add TLS. */
  private static boolean isSame(String origin, String host) {
    int start = origin.indexOf("://");
    return start >= 0 && origin.substring(start + 3).toLowerCase(Locale.ROOT).equals(host);
  }

  private boolean isOwnName(String host) {
    int colon = host.endsWith("]") ? -1 : host.lastIndexOf(':');
    String name = colon < 0 ? host : host.substring(0, colon);
    return name.equals("localhost")
        || name.endsWith(".localhost")
        || ADDRESS.matcher(name).matches()
        || origins.stream().anyMatch(origin -> isSame(origin, host));
  }
}
