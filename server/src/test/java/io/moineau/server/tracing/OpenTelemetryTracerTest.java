package io.moineau.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.ModelOptions;
import io.moineau.Moineau;
import io.moineau.server.AccessEntry;
import io.moineau.server.Server;
import io.moineau.server.ServerOptions;
import io.moineau.server.tracing.OtlpReceiver.Received;
import io.moineau.testkit.TinyModels;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Traces of a server, as a collector gets them over OTLP. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OpenTelemetryTracerTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String PARENT = "00f067aa0ba902b7";
  private static final long SERVER = 2; // SpanKind in trace.proto
  private static final long INTERNAL = 1;
  private static final long ERROR = 2; // StatusCode in trace.proto

  @TempDir private Path folder;
  private final Queue<AccessEntry> log = new ConcurrentLinkedQueue<>();
  private final HttpClient client = HttpClient.newHttpClient();
  private OtlpReceiver receiver;
  private OpenTelemetryTracer tracer;
  private Moineau moineau;
  private Server server;

  @BeforeEach
  void start() throws IOException {
    receiver = new OtlpReceiver();
    tracer =
        OpenTelemetryTracer.of(Map.of("otel.exporter.otlp.endpoint", receiver.endpoint()), "http");
    moineau =
        Moineau.open(
            TinyModels.qwen3moe(7).write(folder.resolve("tiny.gguf")),
            ModelOptions.defaults().withThreads(1).withContextLength(256));
    server =
        Server.start(
            moineau,
            ServerOptions.defaults()
                .withPort(0)
                .withAlias("tiny")
                .withTracer(tracer)
                .withAccessLog(log::add));
  }

  @AfterEach
  void stop() {
    server.close();
    moineau.close();
    tracer.close();
    receiver.close();
  }

  private HttpResponse<String> post(String path, String body, String... headers)
      throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(server.uri() + path))
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (headers.length > 0) {
      request.headers(headers);
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  private static String chat(String more) {
    return "{\"messages\":[{\"role\":\"user\",\"content\":\"secret words\"}],\"ignore_eos\":true,"
        + "\"temperature\":0,\"max_tokens\":6"
        + more
        + "}";
  }

  /** What the collector has once all is sent. */
  private List<Received> received() {
    server.close();
    tracer.close();
    assertThat(receiver.paths()).isNotEmpty().containsOnly("/v1/traces");
    return receiver.spans();
  }

  private static Received named(List<Received> spans, String name) {
    List<Received> found = spans.stream().filter(span -> span.name.equals(name)).toList();
    assertThat(found).as(name).hasSize(1);
    return found.getFirst();
  }

  @Test
  void request_isASpanWithItsAnswerWithin() throws IOException, InterruptedException {
    assertThat(
            post(
                    "/v1/chat/completions?trace=no",
                    chat(""),
                    "traceparent",
                    "00-" + TRACE + "-" + PARENT + "-01",
                    "User-Agent",
                    "test/1")
                .statusCode())
        .isEqualTo(200);
    List<Received> spans = received();
    Received request = named(spans, "POST /v1/chat/completions");
    Received answer = named(spans, "chat tiny");
    Received prefill = named(spans, "prefill");
    Received decode = named(spans, "decode");
    Received queue = named(spans, "queue");
    assertThat(spans).hasSize(5).allMatch(span -> span.traceId.equals(TRACE));
    assertThat(request.parentId).isEqualTo(PARENT);
    assertThat(request.kind).isEqualTo(SERVER);
    assertThat(request.resource).containsEntry("service.name", "moineau");
    assertThat(request.attributes)
        .containsEntry("http.request.method", "POST")
        .containsEntry("http.route", "/v1/chat/completions")
        .containsEntry("url.path", "/v1/chat/completions")
        .containsEntry("url.scheme", "http")
        .containsEntry("http.response.status_code", 200L)
        .containsEntry("client.address", "127.0.0.1")
        .containsEntry("user_agent.original", "test/1");
    assertThat(answer.parentId).isEqualTo(request.spanId);
    assertThat(answer.kind).isEqualTo(INTERNAL);
    assertThat(answer.attributes)
        .containsEntry("gen_ai.operation.name", "chat")
        .containsEntry("gen_ai.request.model", "tiny")
        .containsEntry("gen_ai.usage.output_tokens", 6L)
        .containsEntry("gen_ai.response.finish_reasons", List.of("length"));
    assertThat((Long) answer.attributes.get("gen_ai.usage.input_tokens")).isPositive();
    for (Received part : List.of(queue, prefill, decode)) {
      assertThat(part.parentId).isEqualTo(answer.spanId);
      assertThat(part.end).isGreaterThan(part.start);
    }
    assertThat(request.start).isLessThanOrEqualTo(answer.start);
    assertThat(queue.start).isEqualTo(answer.start);
    assertThat(prefill.start).isEqualTo(queue.end);
    assertThat(decode.start).isEqualTo(prefill.end);
    assertThat(answer.end).isEqualTo(decode.end);
    assertThat(decode.attributes).containsEntry("moineau.tokens", 5L);
    assertThat(log.remove().traceId()).isEqualTo(TRACE);
    assertThat(spans.toString() + spans.stream().map(span -> span.attributes).toList())
        .doesNotContain("secret");
  }

  @Test
  void severalAnswers_areSeveralSpansOfOneTrace() throws IOException, InterruptedException {
    assertThat(post("/v1/chat/completions", chat(",\"n\":3")).statusCode()).isEqualTo(200);
    assertThat(post("/v1/embeddings", "{\"input\":\"a sparrow\"}").statusCode()).isEqualTo(200);
    List<Received> spans = received();
    Received request = named(spans, "POST /v1/chat/completions");
    assertThat(request.parentId).isEmpty();
    assertThat(spans.stream().filter(span -> span.name.equals("chat tiny")))
        .hasSize(3)
        .allMatch(span -> span.parentId.equals(request.spanId));
    Received vectors = named(spans, "embeddings tiny");
    assertThat(vectors.attributes).containsEntry("gen_ai.usage.output_tokens", 0L);
    assertThat(log).hasSize(2).allMatch(entry -> entry.traceId().matches("[0-9a-f]{32}"));
    assertThat(log.remove().traceId()).isNotEqualTo(log.remove().traceId());
  }

  @Test
  void refusals_areSpansToo_andStrangeHeadersAreNoTrace() throws IOException, InterruptedException {
    assertThat(post("/nowhere", "{}", "traceparent", "00-zzz-01-01").statusCode()).isEqualTo(404);
    assertThat(post("/v1/chat/completions", "{").statusCode()).isEqualTo(400);
    List<Received> spans = received();
    Received nowhere = named(spans, "POST");
    assertThat(nowhere.attributes).doesNotContainKey("http.route");
    assertThat(nowhere.parentId).isEmpty();
    assertThat(nowhere.status).isNotEqualTo(ERROR); // the client's fault, not the server's
    assertThat(named(spans, "POST /v1/chat/completions").attributes)
        .containsEntry("http.response.status_code", 400L);
  }

  @Test
  void probesAndScrapes_areNotTraced() throws IOException, InterruptedException {
    for (String path : List.of("/health", "/health/live", "/metrics", "/v1/models")) {
      HttpRequest request = HttpRequest.newBuilder(URI.create(server.uri() + path)).build();
      assertThat(client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode())
          .isEqualTo(200);
    }
    assertThat(received()).extracting(span -> span.name).containsExactly("GET /v1/models");
  }

  @Test
  void collectorThatIsGone_harmsNothing() throws IOException, InterruptedException {
    receiver.close();
    assertThat(post("/v1/chat/completions", chat("")).statusCode()).isEqualTo(200);
    assertThat(log.remove().traceId()).matches("[0-9a-f]{32}");
    tracer.close();
    assertThat(tracer.lost()).isEqualTo(5);
  }
}
