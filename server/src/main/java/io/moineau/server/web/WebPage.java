package io.moineau.server.web;

import io.moineau.server.http.HttpRequest;
import io.moineau.server.http.HttpResponse;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Serves the chat at {@code /}, the pages of the plan at {@code /chips} and the like, and their
 * files below {@code /assets/}. It stands beside the API: no table of fields, no errors in JSON, no
 * key asked.
 *
 * <p>The headers allow the page nothing but its own files and its own server: no script, style,
 * font or image from elsewhere, no script in the markup, no frame around it. With Trusted Types a
 * text becomes markup only through DOMPurify.
 */
public final class WebPage {
  private static final String ASSETS = "/assets/";

  private static final String POLICY =
      String.join(
          "; ",
          "default-src 'none'",
          "script-src 'self'",
          "style-src 'self'",
          "font-src 'self'",
          "img-src 'self' data:",
          "connect-src 'self'",
          "base-uri 'none'",
          "form-action 'none'",
          "frame-ancestors 'none'",
          "require-trusted-types-for 'script'",
          "trusted-types dompurify");

  private static final String PERMISSIONS =
      "camera=(), display-capture=(), geolocation=(), microphone=(), midi=(), payment=(), usb=()";

  /** The files of the pages by their paths. */
  private static final Map<String, String> PAGES =
      Map.of(
          "/", "index.html",
          "/chips", "plan.html",
          "/rules", "plan.html",
          "/audit", "plan.html",
          "/plan", "plan.html");

  private @Nullable WebFiles files;

  /** Reads nothing before it is asked. */
  public WebPage() {}

  /** Whether a path is the page's. */
  public static boolean owns(String path) {
    return PAGES.containsKey(path) || path.equals("/favicon.ico") || path.startsWith(ASSETS);
  }

  /**
   * Answers {@code GET} and {@code HEAD} for a path that it {@linkplain #owns owns}.
   *
   * @return whether it did; not so for another method, or if there is no such file
   */
  public boolean answer(HttpRequest request, HttpResponse response) throws IOException {
    String method = request.method();
    if (!method.equals("GET") && !method.equals("HEAD")) {
      return false;
    }
    WebFiles all = files();
    String path = request.path();
    String page = PAGES.get(path);
    if (page != null) {
      response.header("Content-Security-Policy", POLICY);
      send(request, response, all.page(page), false);
      return true;
    }
    if (path.equals("/favicon.ico")) { // some ask for it whatever the page says
      Optional<WebFile> icon = all.find("icon.svg");
      icon.ifPresent(file -> response.header("Content-Security-Policy", POLICY));
      send(request, response, icon.orElseThrow(), false);
      return true;
    }
    String rest = path.substring(ASSETS.length());
    int slash = rest.indexOf('/');
    if (slash < 0) {
      return false;
    }
    Optional<WebFile> file = all.find(rest.substring(slash + 1));
    if (file.isEmpty()) {
      return false;
    }
    // A page that was open while the server was renewed asks by the old version: better the new
    // file than none, but not to be kept under that address.
    boolean forEver = rest.substring(0, slash).equals(all.version());
    response.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    send(request, response, file.get(), forEver);
    return true;
  }

  /** A path that it {@linkplain #owns owns} as logs group it. */
  public static String endpoint(String path) {
    return path.startsWith(ASSETS) ? ASSETS + "{file}" : path;
  }

  /**
   * The methods of a path that it {@linkplain #owns owns} and that {@link #answer} did not answer.
   */
  public static Set<String> methods(String asked) {
    boolean noFile = asked.equals("GET") || asked.equals("HEAD");
    return noFile ? Set.of() : new TreeSet<>(Set.of("GET", "HEAD", "OPTIONS"));
  }

  private synchronized WebFiles files() {
    if (files == null) {
      files = new WebFiles();
    }
    return files;
  }

  private static void send(
      HttpRequest request, HttpResponse response, WebFile file, boolean forEver)
      throws IOException {
    boolean gzip = file.hasPacked() && acceptsGzip(request);
    String tag = file.tag(gzip);
    response.header("X-Content-Type-Options", "nosniff");
    response.header("Referrer-Policy", "no-referrer");
    response.header("Permissions-Policy", PERMISSIONS);
    response.header("Cross-Origin-Opener-Policy", "same-origin");
    response.header("Cross-Origin-Resource-Policy", "same-origin");
    response.header("X-Frame-Options", "DENY"); // for browsers that do not know frame-ancestors
    response.header("ETag", tag);
    response.header("Cache-Control", forEver ? "public, max-age=31536000, immutable" : "no-cache");
    if (file.hasPacked()) {
      response.header("Vary", "Accept-Encoding");
    }
    if (matches(request.header("If-None-Match").orElse(""), tag)) {
      response.status(304);
      response.send(new byte[0]);
      return;
    }
    response.header("Content-Type", file.type());
    if (gzip) {
      response.header("Content-Encoding", "gzip");
    }
    response.status(200);
    response.send(file.bytes(gzip));
  }

  /** Whether one of the tags is this one; a weak one is as good here. */
  static boolean matches(String ifNoneMatch, String tag) {
    return ifNoneMatch.strip().equals("*")
        || Arrays.stream(ifNoneMatch.split(","))
            .map(String::strip)
            .map(one -> one.startsWith("W/") ? one.substring(2) : one)
            .anyMatch(tag::equals);
  }

  private static boolean acceptsGzip(HttpRequest request) {
    return acceptsGzip(request.header("Accept-Encoding").orElse(""));
  }

  /** Whether a header {@code Accept-Encoding} lets gzip through. */
  static boolean acceptsGzip(String header) {
    boolean any = false;
    for (String part : header.split(",")) {
      String[] words = part.split(";");
      String name = words[0].strip();
      boolean refused = words.length > 1 && words[1].replace(" ", "").matches("q=0(\\.0{0,3})?");
      if (name.equalsIgnoreCase("gzip")) {
        return !refused;
      }
      any |= name.equals("*") && !refused;
    }
    return any;
  }
}
