package io.moineau.bench.serve;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The driver against a server that is made up here. */
final class ServeRunTest {
  private static final Pattern MAX_TOKENS = Pattern.compile("\"max_tokens\":([0-9]+)");

  @TempDir private Path folder;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final AtomicInteger requests = new AtomicInteger();
  private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
  private HttpServer server;
  private int failEvery = Integer.MAX_VALUE;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(executor);
    server.createContext(
        "/v1/models", exchange -> reply(exchange, 200, "{\"data\":[{\"id\":\"m\"}]}"));
    server.createContext("/v1/completions", this::complete);
    server.start();
  }

  @AfterEach
  void stop() {
    server.stop(0);
    executor.shutdownNow();
  }

  private static void reply(HttpExchange exchange, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, bytes.length);
    exchange.getResponseBody().write(bytes);
    exchange.close();
  }

  private void complete(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    if (requests.incrementAndGet() % failEvery == 0) {
      reply(exchange, 429, "{\"error\":{\"message\":\"full\"}}");
      return;
    }
    Matcher matcher = MAX_TOKENS.matcher(body);
    assertThat(matcher.find()).isTrue();
    int tokens = Integer.parseInt(matcher.group(1));
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream stream = exchange.getResponseBody()) {
      for (int i = 0; i < tokens; i++) {
        event(stream, "{\"choices\":[{\"index\":0,\"text\":\"a\"}]}");
        Thread.sleep(tokens > 1000 ? 10 : 1); // the long ones go on until they are left
      }
      event(
          stream,
          "{\"choices\":[],\"usage\":{\"prompt_tokens\":16,\"completion_tokens\":" + tokens + "}}");
      event(stream, "[DONE]");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    exchange.close();
  }

  private static void event(OutputStream stream, String data) throws IOException {
    stream.write(("data: " + data + "\n\n").getBytes(StandardCharsets.UTF_8));
    stream.flush();
  }

  private int run(String... more) {
    List<String> arguments =
        new java.util.ArrayList<>(
            List.of(
                "--url",
                "http://127.0.0.1:" + server.getAddress().getPort(),
                "--out",
                folder.toString()));
    arguments.addAll(List.of(more));
    return ServeRun.run(
        arguments,
        new PrintStream(out, true, StandardCharsets.UTF_8),
        new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @Test
  void run_serverThatAnswers_tellsAllThree() throws IOException {
    int code =
        run(
            "--together",
            "1,3",
            "--rounds",
            "1",
            "--streams",
            "3",
            "--seconds",
            "1",
            "--warmup",
            "0",
            "--answer",
            "5-9",
            "--prompt",
            "~20",
            "--long-prompt",
            "40",
            "--chunk",
            "16");
    assertThat(code).as(err.toString(StandardCharsets.UTF_8)).isZero();
    String text = out.toString(StandardCharsets.UTF_8);
    assertThat(text)
        .contains("| 1 | ")
        .contains("| 3 | ")
        .contains("| 3 users | ")
        .contains("A prompt of 40 tokens amid 2 streams.");
    assertThat(Files.readString(folder.resolve("serve.md"))).isEqualTo(text);
    assertThat(Files.readString(folder.resolve("serve.json")))
        .contains("\"tokens_per_second\"", "\"gap_during_ms\"");
  }

  @Test
  void run_serverThatRefuses_failsAndTellsWhat() {
    failEvery = 2;
    int code = run("--together", "4", "--rounds", "1", "--seconds", "0", "--long-prompt", "0");
    assertThat(code).isOne();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("status 429").contains("full");
  }

  @Test
  void run_wrongArguments_areNamed() {
    assertThat(run("--streams", "none")).isEqualTo(2);
    assertThat(run("--nonsense", "1")).isEqualTo(2);
    assertThat(run("--answer", "9-5")).isEqualTo(2);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("--streams none")
        .contains("--nonsense")
        .contains("--answer 9-5");
  }

  @Test
  void figures_ofResults_countWhatCameInTime() {
    long second = 1_000_000_000L;
    StreamResult steady =
        new StreamResult(
            0, new long[] {second, 2 * second, 3 * second, 4 * second}, new int[0], 8, 8, "");
    StreamResult failed = StreamResult.failed(0, new long[] {second}, "gone");
    LoadFigures figures = LoadFigures.of("two", 2, List.of(steady, failed), second, 3 * second);
    assertThat(figures.tokensPerSecond()).isEqualTo(2); // 2 of 4 pieces after the first second
    assertThat(figures.first().p50()).isEqualTo(1000);
    assertThat(figures.gaps().count()).isEqualTo(2);
    assertThat(figures.starvation()).isEqualTo(1);
    assertThat(figures.errors()).containsEntry("gone", 1);
  }

  @Test
  void figures_pieceOfSeveralTokens_countsAsSoMany() {
    long ms = 1_000_000L;
    StreamResult result =
        new StreamResult(
            0,
            new long[] {10 * ms, 20 * ms, 30 * ms, 70 * ms, 90 * ms},
            new int[] {1, 2, 3, 6, 7},
            4,
            7,
            "");
    LoadFigures figures = LoadFigures.of("one", 1, List.of(result), 0, 100 * ms);
    assertThat(figures.gaps().p50()).isEqualTo(10);
    assertThat(figures.longestPiece()).isEqualTo(4); // 40 ms
    assertThat(figures.starvation()).isEqualTo(2); // 20 ms for one token; 13 for each of the three
  }

  @Test
  void quantiles_byNearestRank() {
    long[] nanos = new long[100];
    for (int i = 0; i < 100; i++) {
      nanos[i] = (100 - i) * 1_000_000L;
    }
    Quantiles quantiles = Quantiles.ofNanos(nanos);
    assertThat(quantiles).isEqualTo(new Quantiles(100, 50, 95, 99, 100));
    assertThat(Quantiles.ofNanos(new long[0])).isEqualTo(new Quantiles(0, 0, 0, 0, 0));
  }
}
