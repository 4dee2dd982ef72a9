package io.moineau.server;

import io.moineau.server.access.AnswerListener;
import io.moineau.server.access.Gatekeeper;
import io.moineau.server.access.TrustedProxies;
import io.moineau.server.http.HttpLimits;
import io.moineau.server.metrics.Figure;
import io.moineau.server.metrics.MetricsOptions;
import io.moineau.server.plan.PlanData;
import io.moineau.server.tls.TlsFiles;
import io.moineau.store.Conversations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * How a server listens and behaves. Start from {@link #defaults()} and change what matters.
 *
 * @param host address or name to listen on
 * @param port 0 for any that is free
 * @param alias name of the model in answers; empty for its file's
 * @param anyModel whether requests for any model's name are answered by the one that is served
 * @param ignoreUnknownFields whether fields that are in no table are let through
 * @param limits what a client may ask of the transport
 * @param heartbeat how long a stream of events is silent at most
 * @param grace how long running requests may go on when the server ends
 * @param accessLog is told of each request that was answered, by many threads
 * @param gatekeeper says who may do what
 * @param answerListeners are told what each answer took
 * @param tls certificate and key for HTTPS; HTTP without
 * @param corsOrigins origins of web pages that may use it beside its own, such as {@code
 *     https://chat.example}; {@code *} for all
 * @param conversations where those of the page are kept; on nobody's disk but the browser's without
 * @param metrics what {@code /metrics} tells, and to whom
 * @param tracer is told of each request that was answered
 * @param trustedProxies whose word is taken for where a request comes from
 * @param plan chips and rules
 */
public record ServerOptions(
    String host,
    int port,
    String alias,
    boolean anyModel,
    boolean ignoreUnknownFields,
    HttpLimits limits,
    Duration heartbeat,
    Duration grace,
    AccessSink accessLog,
    Gatekeeper gatekeeper,
    List<AnswerListener> answerListeners,
    Optional<TlsFiles> tls,
    List<String> corsOrigins,
    Optional<Conversations> conversations,
    MetricsOptions metrics,
    RequestTracer tracer,
    TrustedProxies trustedProxies,
    PlanData plan) {
  private static final ServerOptions DEFAULTS =
      new ServerOptions(
          "127.0.0.1",
          8080,
          "",
          false,
          false,
          HttpLimits.defaults(),
          Duration.ofSeconds(10),
          Duration.ofSeconds(25),
          entry -> {},
          Gatekeeper.open(),
          List.of(),
          Optional.empty(),
          List.of(),
          Optional.empty(),
          MetricsOptions.defaults(),
          RequestTracer.NONE,
          TrustedProxies.NONE,
          PlanData.standard());

  /** Checks that all are there. */
  public ServerOptions {
    Objects.requireNonNull(host, "host");
    Objects.requireNonNull(alias, "alias");
    Objects.requireNonNull(limits, "limits");
    Objects.requireNonNull(heartbeat, "heartbeat");
    Objects.requireNonNull(grace, "grace");
    Objects.requireNonNull(accessLog, "accessLog");
    Objects.requireNonNull(gatekeeper, "gatekeeper");
    answerListeners = List.copyOf(answerListeners);
    Objects.requireNonNull(tls, "tls");
    corsOrigins = List.copyOf(corsOrigins);
    Objects.requireNonNull(conversations, "conversations");
    Objects.requireNonNull(metrics, "metrics");
    Objects.requireNonNull(tracer, "tracer");
    Objects.requireNonNull(trustedProxies, "trustedProxies");
    Objects.requireNonNull(plan, "plan");
    if (port < 0 || port > 65_535) {
      throw new ServerException(
          "port-out-of-range", "a port is out of range", "port " + port, "0 (any) to 65535", "");
    }
  }

  /** 127.0.0.1, port 8080. */
  public static ServerOptions defaults() {
    return DEFAULTS;
  }

  /** On another address. */
  public ServerOptions withHost(String value) {
    return with(draft -> draft.host = value);
  }

  /** On another port; 0 for any. */
  public ServerOptions withPort(int value) {
    return with(draft -> draft.port = value);
  }

  /** With another name for the model. */
  public ServerOptions withAlias(String value) {
    return with(draft -> draft.alias = value);
  }

  /** Answering to any model's name, or not. */
  public ServerOptions withAnyModel(boolean value) {
    return with(draft -> draft.anyModel = value);
  }

  /** Letting unknown fields through, or not. */
  public ServerOptions withIgnoreUnknownFields(boolean value) {
    return with(draft -> draft.ignoreUnknownFields = value);
  }

  /** With other limits. */
  public ServerOptions withLimits(HttpLimits value) {
    return with(draft -> draft.limits = value);
  }

  /** With another heartbeat. */
  public ServerOptions withHeartbeat(Duration value) {
    return with(draft -> draft.heartbeat = value);
  }

  /** With another time to end in. */
  public ServerOptions withGrace(Duration value) {
    return with(draft -> draft.grace = value);
  }

  /** With another log. */
  public ServerOptions withAccessLog(AccessSink value) {
    return with(draft -> draft.accessLog = value);
  }

  /** With another doorkeeper. */
  public ServerOptions withGatekeeper(Gatekeeper value) {
    return with(draft -> draft.gatekeeper = value);
  }

  /** With one more that is told what each answer took. */
  public ServerOptions withAnswerListener(AnswerListener value) {
    return with(draft -> draft.answerListeners.add(value));
  }

  /** With HTTPS. */
  public ServerOptions withTls(TlsFiles value) {
    return with(draft -> draft.tls = Optional.of(value));
  }

  /** With web pages of other origins that may use it. */
  public ServerOptions withCorsOrigins(List<String> value) {
    return with(draft -> draft.corsOrigins = value);
  }

  /** With conversations that the server keeps. */
  public ServerOptions withConversations(Conversations value) {
    return with(draft -> draft.conversations = Optional.of(value));
  }

  /** Telling other figures, or to others. */
  public ServerOptions withMetrics(MetricsOptions value) {
    return with(draft -> draft.metrics = value);
  }

  /** With one more figure of another part of the program. */
  public ServerOptions withFigure(Figure value) {
    return with(draft -> draft.metrics = draft.metrics.withFigure(value));
  }

  /** With another tracer; the server does not close it. */
  public ServerOptions withTracer(RequestTracer value) {
    return with(draft -> draft.tracer = value);
  }

  /** Behind these proxies. */
  public ServerOptions withTrustedProxies(TrustedProxies value) {
    return with(draft -> draft.trustedProxies = value);
  }

  /** With other chips and rules. */
  public ServerOptions withPlan(PlanData value) {
    return with(draft -> draft.plan = value);
  }

  private ServerOptions with(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** A copy that can be changed, so that each change names only its own field. */
  private static final class Draft {
    private String host;
    private int port;
    private String alias;
    private boolean anyModel;
    private boolean ignoreUnknownFields;
    private HttpLimits limits;
    private Duration heartbeat;
    private Duration grace;
    private AccessSink accessLog;
    private Gatekeeper gatekeeper;
    private final List<AnswerListener> answerListeners;
    private Optional<TlsFiles> tls;
    private List<String> corsOrigins;
    private Optional<Conversations> conversations;
    private MetricsOptions metrics;
    private RequestTracer tracer;
    private TrustedProxies trustedProxies;
    private PlanData plan;

    Draft(ServerOptions from) {
      host = from.host;
      port = from.port;
      alias = from.alias;
      anyModel = from.anyModel;
      ignoreUnknownFields = from.ignoreUnknownFields;
      limits = from.limits;
      heartbeat = from.heartbeat;
      grace = from.grace;
      accessLog = from.accessLog;
      gatekeeper = from.gatekeeper;
      answerListeners = new ArrayList<>(from.answerListeners);
      tls = from.tls;
      corsOrigins = from.corsOrigins;
      conversations = from.conversations;
      metrics = from.metrics;
      tracer = from.tracer;
      trustedProxies = from.trustedProxies;
      plan = from.plan;
    }

    ServerOptions options() {
      return new ServerOptions(
          host,
          port,
          alias,
          anyModel,
          ignoreUnknownFields,
          limits,
          heartbeat,
          grace,
          accessLog,
          gatekeeper,
          answerListeners,
          tls,
          corsOrigins,
          conversations,
          metrics,
          tracer,
          trustedProxies,
          plan);
    }
  }
}
