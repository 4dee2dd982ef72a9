package io.moineau.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The page as a browser is served it. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class PageTest {
  private static final HttpClient CLIENT = HttpClient.newHttpClient();
  private static TestServer server;
  private static String version;

  @BeforeAll
  static void start() throws Exception {
    server = new TestServer(TestServer.options(), 2);
    String page = new String(get("/").body(), StandardCharsets.UTF_8);
    Matcher matcher = Pattern.compile("/assets/([0-9a-f]{12})/js/app\\.js").matcher(page);
    assertThat(matcher.find()).as(page).isTrue();
    version = matcher.group(1);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static HttpResponse<byte[]> get(String path, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(server.server.uri() + path));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
  }

  private static String header(HttpResponse<?> response, String name) {
    return response.headers().firstValue(name).orElse("");
  }

  @Test
  void page_comesWithAStrictPolicy() throws Exception {
    HttpResponse<byte[]> page = get("/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(header(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
    assertThat(header(page, "Content-Security-Policy"))
        .contains("default-src 'none'", "script-src 'self';", "style-src 'self';")
        .contains("frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'")
        .contains("require-trusted-types-for 'script'")
        .doesNotContain("unsafe", "http:", "https:", "*");
    assertThat(header(page, "X-Content-Type-Options")).isEqualTo("nosniff");
    assertThat(header(page, "Referrer-Policy")).isEqualTo("no-referrer");
    assertThat(header(page, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
    assertThat(header(page, "Permissions-Policy")).contains("camera=()", "microphone=()");
    assertThat(header(page, "Cache-Control")).isEqualTo("no-cache");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "js/app.js|text/javascript; charset=utf-8",
        "css/base.css|text/css; charset=utf-8",
        "icon.svg|image/svg+xml",
        "lib/marked.js|text/javascript; charset=utf-8",
        "lib/katex/fonts/KaTeX_Main-Regular.woff2|font/woff2"
      })
  void assets_haveTheirType_andStayForEver(String nameAndType) throws Exception {
    String[] parts = nameAndType.split("\\|");
    HttpResponse<byte[]> asset = get("/assets/" + version + "/" + parts[0]);
    assertThat(asset.statusCode()).isEqualTo(200);
    assertThat(asset.body()).isNotEmpty();
    assertThat(header(asset, "Content-Type")).isEqualTo(parts[1]);
    assertThat(header(asset, "Cache-Control")).contains("immutable");
    assertThat(header(asset, "X-Content-Type-Options")).isEqualTo("nosniff");
  }

  @Test
  void asset_ofAnotherVersion_isServedButNotKept() throws Exception {
    HttpResponse<byte[]> asset = get("/assets/000000000000/js/app.js");
    assertThat(asset.statusCode()).isEqualTo(200);
    assertThat(header(asset, "Cache-Control")).isEqualTo("no-cache");
  }

  @Test
  void gzip_whereAccepted_hasTheSameContentAndAnotherTag() throws Exception {
    String path = "/assets/" + version + "/lib/highlight.js";
    HttpResponse<byte[]> plain = get(path);
    HttpResponse<byte[]> packed = get(path, "Accept-Encoding", "gzip, br");
    assertThat(header(plain, "Content-Encoding")).isEmpty();
    assertThat(header(packed, "Content-Encoding")).isEqualTo("gzip");
    assertThat(packed.body().length).isLessThan(plain.body().length / 2);
    try (GZIPInputStream in =
        new GZIPInputStream(new java.io.ByteArrayInputStream(packed.body()))) {
      assertThat(in.readAllBytes()).isEqualTo(plain.body());
    }
    assertThat(header(packed, "ETag")).isNotEqualTo(header(plain, "ETag"));
    assertThat(header(plain, "Vary")).isEqualTo("Accept-Encoding");
  }

  @Test
  void etag_savesTheBody() throws Exception {
    HttpResponse<byte[]> first = get("/", "Accept-Encoding", "gzip");
    HttpResponse<byte[]> again =
        get("/", "Accept-Encoding", "gzip", "If-None-Match", header(first, "ETag"));
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
    assertThat(header(again, "Content-Security-Policy")).isNotEmpty();
    assertThat(get("/", "If-None-Match", "\"another\"").statusCode()).isEqualTo(200);
  }

  @Test
  void head_hasNoBody() throws Exception {
    HttpRequest head = HttpRequest.newBuilder(URI.create(server.server.uri() + "/")).HEAD().build();
    HttpResponse<byte[]> response = CLIENT.send(head, HttpResponse.BodyHandlers.ofByteArray());
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(header(response, "Content-Type")).startsWith("text/html");
    assertThat(response.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/assets/",
        "/assets/x",
        "/assets/VERSION/",
        "/assets/VERSION/index.html",
        "/assets/VERSION/js/../../WebPage.class",
        "/assets/VERSION/%2e%2e/%2e%2e/etc/passwd",
        "/assets/VERSION/..%2f..%2fWebPage.class",
        "/assets/VERSION//etc/passwd",
        "/assets/VERSION/js/app.js/",
        "/assets/VERSION/js/app.js%00.css"
      })
  void otherPaths_areNotThere(String path) throws IOException {
    // By hand: a client would tidy the path up.
    try (Socket socket = server.connect()) {
      TestServer.write(
          socket,
          "GET "
              + path.replace("VERSION", version)
              + " HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
      String answer = TestServer.readAll(socket);
      assertThat(answer).matches("(?s)HTTP/1.1 40[04].*").doesNotContain("root:", "CAFEBABE");
    }
  }

  @Test
  void otherMethods_areRefused() {
    TestServer.Reply reply = server.post("/", "{}");
    assertThat(reply.status()).isEqualTo(405);
    assertThat(reply.http().headers().firstValue("Allow")).hasValue("GET, HEAD, OPTIONS");
  }
}
