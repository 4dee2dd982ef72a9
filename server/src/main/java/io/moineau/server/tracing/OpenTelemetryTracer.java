package io.moineau.server.tracing;

import io.moineau.Timings;
import io.moineau.Usage;
import io.moineau.server.AccessEntry;
import io.moineau.server.RequestTracer;
import io.moineau.server.ServerException;
import io.moineau.server.access.AnswerEnd;
import io.moineau.server.http.HttpRequest;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.propagation.TextMapPropagator;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.autoconfigure.AutoConfiguredOpenTelemetrySdk;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A span for each request, one within it for each answer of the model, and within that the wait,
 * the prompt and the answer. Names are those of OpenTelemetry's semantic conventions for HTTP
 * servers and for generative AI; what was asked and answered is in none of them.
 *
 * <p>Spans are made when a request is over, with the times that were taken on the way: while it
 * runs, tracing costs it nothing.
 */
public final class OpenTelemetryTracer implements RequestTracer {
  private static final AttributeKey<List<String>> FINISH_REASONS =
      AttributeKey.stringArrayKey("gen_ai.response.finish_reasons");

  /** Held here, for the JDK forgets a logger's level with the logger. */
  private static final Logger LIBRARY_LOG = Logger.getLogger("io.opentelemetry");

  private static final Set<String> METHODS =
      Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE");

  private final OpenTelemetrySdk sdk;
  private final Tracer tracer;
  private final TextMapPropagator propagator;
  private final String scheme;
  private final AtomicLong lost;
  private final AtomicBoolean closed = new AtomicBoolean();

  private OpenTelemetryTracer(OpenTelemetrySdk sdk, String scheme, AtomicLong lost) {
    this.sdk = sdk;
    this.lost = lost;
    this.tracer = sdk.getTracer("io.moineau.server");
    this.propagator = sdk.getPropagators().getTextMapPropagator();
    this.scheme = scheme;
  }

  /**
   * Traces as the variables of the process say.
   *
   * @param scheme {@code http} or {@code https}
   * @throws ServerException {@code tracing-settings} if they cannot be followed
   */
  public static OpenTelemetryTracer fromEnvironment(String scheme) {
    return of(Map.of(), scheme);
  }

  /**
   * Traces as the variables of the process say, with other defaults.
   *
   * @param defaults by the names of OpenTelemetry's system properties, such as {@code
   *     otel.exporter.otlp.endpoint}
   */
  static OpenTelemetryTracer of(Map<String, String> defaults, String scheme) {
    Map<String, String> properties = new HashMap<>();
    properties.put("otel.service.name", "moineau");
    properties.put("otel.exporter.otlp.protocol", "http/protobuf"); // gRPC needs a library more
    properties.put("otel.metrics.exporter", "none"); // Prometheus asks for those
    properties.put("otel.logs.exporter", "none");
    properties.putAll(defaults);
    LIBRARY_LOG.setLevel(Level.OFF); // what it has to say comes as our own exceptions and remarks
    AtomicLong lost = new AtomicLong();
    try {
      return new OpenTelemetryTracer(
          AutoConfiguredOpenTelemetrySdk.builder()
              .addPropertiesSupplier(() -> properties)
              .addSpanExporterCustomizer((exporter, config) -> new WatchedExporter(exporter, lost))
              .disableShutdownHook()
              .build()
              .getOpenTelemetrySdk(),
          scheme,
          lost);
    } catch (RuntimeException e) {
      throw new ServerException(
          "tracing-settings",
          "the variables of OpenTelemetry ask for what is not there",
          String.valueOf(e.getMessage()),
          "traces by OTLP over http/protobuf",
          "mend the variables that begin with OTEL_, or set OTEL_SDK_DISABLED=true");
    }
  }

  /** Probes and scrapes come every few seconds, and would be most of what a collector gets. */
  private static boolean isProbe(AccessEntry entry) {
    return entry.endpoint().startsWith("/health") || entry.endpoint().equals("/metrics");
  }

  @Override
  public String answered(HttpRequest http, AccessEntry entry) {
    if (isProbe(entry)) {
      return "";
    }
    Context parent = propagator.extract(Context.root(), http, Headers.GETTER);
    Span span = request(http, entry, parent);
    Context inside = parent.with(span);
    entry.answers().forEach(answer -> answer(entry, answer, inside));
    span.end(time(entry.startedAt().plusNanos(entry.nanos())), TimeUnit.NANOSECONDS);
    return span.getSpanContext().isValid() ? span.getSpanContext().getTraceId() : "";
  }

  /** As the client spoke it: a trusted proxy in front says how that was. */
  private String scheme(HttpRequest http) {
    return http.header("X-Forwarded-Proto")
        .map(told -> told.toLowerCase(Locale.ROOT))
        .filter(told -> told.equals("http") || told.equals("https"))
        .orElse(scheme);
  }

  private Span request(HttpRequest http, AccessEntry entry, Context parent) {
    boolean known = METHODS.contains(entry.method());
    String method = known ? entry.method() : "_OTHER";
    String verb = known ? method : "HTTP";
    String name = entry.endpoint().isEmpty() ? verb : verb + " " + entry.endpoint();
    SpanBuilder builder =
        begin(name, SpanKind.SERVER, parent, entry.startedAt())
            .setAttribute("http.request.method", method)
            .setAttribute("url.scheme", scheme(http))
            .setAttribute("url.path", entry.path())
            .setAttribute("http.response.status_code", entry.status())
            .setAttribute("client.address", entry.remote())
            .setAttribute("network.protocol.version", "1.1")
            .setAttribute("moineau.request.id", entry.requestId());
    if (!known) {
      builder.setAttribute("http.request.method_original", entry.method());
    }
    if (!entry.endpoint().isEmpty()) {
      builder.setAttribute("http.route", entry.endpoint());
    }
    if (entry.caller().hasKey()) {
      builder.setAttribute("moineau.key.id", entry.caller().keyId());
    }
    http.header("User-Agent")
        .ifPresent(agent -> builder.setAttribute("user_agent.original", agent));
    Span span = builder.startSpan();
    if (entry.status() >= 500) {
      span.setAttribute("error.type", Integer.toString(entry.status()));
      span.setStatus(StatusCode.ERROR);
    }
    return span;
  }

  private void answer(AccessEntry entry, AnswerEnd end, Context parent) {
    String operation = operation(end.path());
    Usage usage = end.usage();
    Timings timings = end.timings();
    Span span =
        begin(operation + " " + entry.model(), SpanKind.INTERNAL, parent, end.submittedAt())
            .setAttribute("gen_ai.operation.name", operation)
            .setAttribute("gen_ai.provider.name", "moineau")
            .setAttribute("gen_ai.request.model", entry.model())
            .setAttribute("gen_ai.response.model", entry.model())
            .setAttribute("gen_ai.usage.input_tokens", usage.promptTokens())
            .setAttribute("gen_ai.usage.cache_read.input_tokens", usage.cachedTokens())
            .setAttribute("gen_ai.usage.output_tokens", usage.completionTokens())
            .startSpan();
    if (end.finishReason().isPresent()) {
      span.setAttribute(FINISH_REASONS, List.of(end.finishReason().get().word()));
    } else {
      span.setAttribute("error.type", "_OTHER");
      span.setStatus(StatusCode.ERROR);
    }
    Context inside = parent.with(span);
    Instant at = end.submittedAt();
    at = part("queue", timings.queueNanos(), 0, inside, at);
    at = part("prefill", timings.prefillNanos(), timings.prefillTokens(), inside, at);
    at = part("decode", timings.decodeNanos(), timings.decodeTokens(), inside, at);
    span.end(time(at), TimeUnit.NANOSECONDS);
  }

  /** One stretch of an answer; returns when it ended. */
  private Instant part(String name, long nanos, int tokens, Context parent, Instant start) {
    Instant end = start.plusNanos(nanos);
    if (nanos > 0) {
      SpanBuilder builder = begin(name, SpanKind.INTERNAL, parent, start);
      if (tokens > 0) {
        builder.setAttribute("moineau.tokens", tokens);
      }
      builder.startSpan().end(time(end), TimeUnit.NANOSECONDS);
    }
    return end;
  }

  private SpanBuilder begin(String name, SpanKind kind, Context parent, Instant start) {
    return tracer
        .spanBuilder(name)
        .setSpanKind(kind)
        .setParent(parent)
        .setStartTimestamp(time(start), TimeUnit.NANOSECONDS);
  }

  private static long time(Instant instant) {
    return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
  }

  /** The conventions' word for what an endpoint does. */
  private static String operation(String path) {
    return switch (path) {
      case "/v1/completions", "/api/generate" -> "text_completion";
      case "/v1/embeddings", "/api/embed", "/api/embeddings" -> "embeddings";
      case "/v1/rerank" -> "rerank";
      default -> "chat";
    };
  }

  @Override
  public long lost() {
    return lost.get();
  }

  /** Sends what was not sent yet, for at most ten seconds. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      sdk.shutdown().join(10, TimeUnit.SECONDS);
    }
  }
}
