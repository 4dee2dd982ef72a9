package io.moineau.cli;

import io.moineau.server.RequestTracer;
import io.moineau.server.ServerOptions;
import io.moineau.server.tracing.OpenTelemetryTracer;
import io.moineau.server.tracing.TracingSettings;
import picocli.CommandLine.Option;

/** What an operator sees of a server: the access log, metrics and traces. */
final class ObservationArguments {
  @Option(
      names = "--access-log",
      paramLabel = "FORM",
      defaultValue = "text",
      description = "A line for each request: text, json or none (${DEFAULT-VALUE}).")
  private AccessLog.Format accessLog = AccessLog.Format.TEXT;

  @Option(names = "--no-access-log", description = "The same as --access-log none.")
  private boolean noAccessLog;

  @Option(
      names = "--open-metrics",
      description = "Let anybody read /metrics, with a key or without.")
  private boolean openMetrics;

  @Option(names = "--expert-metrics", description = "A series for each expert in /metrics.")
  private boolean expertMetrics;

  @Option(names = "--key-metrics", description = "Tokens by the names of keys in /metrics.")
  private boolean keyMetrics;

  AccessLog accessLog(Streams streams) {
    return new AccessLog(noAccessLog ? AccessLog.Format.NONE : accessLog, streams.out());
  }

  /** Nothing of OpenTelemetry is loaded unless its variables are set. */
  RequestTracer tracer(ServerOptions options) {
    return TracingSettings.areSet(System.getenv())
        ? OpenTelemetryTracer.fromEnvironment(options.tls().isPresent() ? "https" : "http")
        : RequestTracer.NONE;
  }

  ServerOptions addTo(ServerOptions options, AccessLog log, RequestTracer tracer) {
    return options
        .withAccessLog(log)
        .withTracer(tracer)
        .withMetrics(
            options
                .metrics()
                .withOpen(openMetrics)
                .withPerExpert(expertMetrics)
                .withPerKey(keyMetrics));
  }
}
