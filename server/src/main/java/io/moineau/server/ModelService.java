package io.moineau.server;

import io.moineau.ChatRequest;
import io.moineau.ChatStream;
import io.moineau.FinishReason;
import io.moineau.Generation;
import io.moineau.GenerationRequest;
import io.moineau.ModelCard;
import io.moineau.Moineau;
import io.moineau.Timings;
import io.moineau.Usage;
import io.moineau.engine.EngineException;
import io.moineau.server.access.Admission;
import io.moineau.server.access.AnswerEnd;
import io.moineau.server.access.AnswerListener;
import io.moineau.server.access.Ask;
import io.moineau.server.access.Gatekeeper;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.metrics.Figure;
import io.moineau.server.metrics.Metrics;
import io.moineau.server.metrics.MetricsOptions;
import io.moineau.server.plan.PlanData;
import io.moineau.store.Conversations;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The one model of a server. */
final class ModelService implements Service {
  private static final Usage NO_TOKENS = new Usage(0, 0, 0);
  private static final Timings NO_TIME = new Timings(0, 0, 0, 0, 0);

  private final Moineau moineau;
  private final ModelNames names;
  private final RunningStreams running = new RunningStreams();
  private final long startedAt = System.currentTimeMillis() / 1000;
  private final String fingerprint;
  private final Gatekeeper gatekeeper;
  private final List<AnswerListener> listeners;
  private final Optional<Conversations> conversations;
  private final PlanData plan;
  private final Metrics metrics;
  private volatile List<Endpoint> endpoints = List.of();
  private volatile boolean ready = true;

  ModelService(Moineau moineau, ServerOptions options) {
    this.moineau = moineau;
    this.names = new ModelNames(moineau.card(), options.alias(), options.anyModel());
    this.fingerprint = fingerprint(moineau.card());
    this.gatekeeper = options.gatekeeper();
    this.conversations = options.conversations();
    this.plan = options.plan();
    this.metrics = new Metrics(moineau, names.id(), figures(options));
    List<AnswerListener> all = new ArrayList<>(options.answerListeners());
    all.add(metrics);
    this.listeners = List.copyOf(all);
  }

  private static MetricsOptions figures(ServerOptions options) {
    MetricsOptions metrics = options.metrics();
    if (metrics.perKey()) {
      metrics =
          metrics.withFigure(
              Figure.gauges(
                  "moineau_key_budget_spent_ratio",
                  "What a key that was in use lately has spent of its tokens of today",
                  "key",
                  options.gatekeeper()::budgetsSpent));
    }
    return metrics
        .withFigure(
            Figure.gauge(
                "moineau_store_up",
                "1, or 0 while the store of keys and usage is away",
                () -> options.gatekeeper().trouble().isPresent() ? 0 : 1))
        .withFigure(
            Figure.counter(
                "moineau_access_log_dropped_lines",
                "Lines of the access log that were left out as nobody read them",
                options.accessLog()::dropped))
        .withFigure(
            Figure.counter(
                "moineau_trace_lost_spans",
                "Spans that could not be sent to the collector of traces",
                options.tracer()::lost));
  }

  private static String fingerprint(ModelCard card) {
    int hash =
        Objects.hash(
            card.name(),
            card.architecture(),
            card.quantization(),
            card.fileBytes(),
            card.parameters(),
            card.provider());
    return String.format(Locale.ROOT, "fp_%08x", hash);
  }

  void endpoints(List<Endpoint> all) {
    endpoints = List.copyOf(all);
  }

  /** Answers no new requests. */
  void drain() {
    ready = false;
  }

  RunningStreams running() {
    return running;
  }

  @Override
  public Moineau moineau() {
    return moineau;
  }

  @Override
  public String modelId() {
    return names.id();
  }

  @Override
  public List<String> modelNames() {
    return names.all();
  }

  @Override
  public void checkModel(String name) {
    names.check(name);
  }

  /** Refuses whoever may not ask at all, before a prompt is made. */
  private void check(Request request) {
    try {
      gatekeeper.check(request.caller(), names.all());
    } catch (RuntimeException e) {
      tellLeft(request);
      throw e;
    }
  }

  private void tellLeft(Request request) {
    gatekeeper.headers(request.caller()).forEach(request::answerHeader);
  }

  /** Asks for leave; what it gives is told the end of the answer. */
  private Admission admit(Request request, long promptTokens, int maxTokens) {
    boolean first = request.firstAnswer();
    Admission ticket;
    try {
      ticket =
          gatekeeper.admit(request.caller(), new Ask(names.all(), promptTokens, maxTokens, first));
    } finally {
      tellLeft(request);
    }
    return new Admission() {
      @Override
      public boolean allows(int tokens) {
        return ticket.allows(tokens);
      }

      @Override
      public void ended(AnswerEnd end) {
        ticket.ended(end);
        request.ended(end);
        listeners.forEach(listener -> listener.ended(end));
      }
    };
  }

  private static AnswerEnd end(
      Request request,
      Instant submittedAt,
      Usage usage,
      Timings timings,
      Optional<FinishReason> reason) {
    return new AnswerEnd(
        request.caller(), request.path(), request.id(), submittedAt, usage, timings, reason);
  }

  private static void failed(Request request, Instant submittedAt, Admission admitted) {
    admitted.ended(end(request, submittedAt, NO_TOKENS, NO_TIME, Optional.empty()));
  }

  @Override
  public ChatStream chat(Request request, ChatRequest chat) {
    check(request);
    AtomicReference<@Nullable Admission> leave = new AtomicReference<>();
    Instant submittedAt = Instant.now();
    try {
      ChatStream stream =
          moineau.chat(
              chat,
              asked -> {
                Admission admitted = admit(request, asked.prompt().length, most(asked));
                leave.set(admitted);
                return asked.withAllowance(admitted::allows);
              });
      Admission admitted = Objects.requireNonNull(leave.get());
      RunningStreams.TrackedChat tracked =
          running.track(
              stream,
              (usage, timings, reason) ->
                  admitted.ended(end(request, submittedAt, usage, timings, reason)));
      request.onGone(tracked::clientGone);
      return tracked;
    } catch (RuntimeException e) {
      Admission admitted = leave.get();
      if (admitted != null) {
        failed(request, submittedAt, admitted);
      }
      throw e;
    }
  }

  /** Most tokens of an answer: what was asked for, as far as the context has room. */
  private int most(GenerationRequest asked) {
    int max = asked.sampling().maxTokens();
    return Math.min(max, Math.max(0, moineau.card().contextLength() - asked.prompt().length));
  }

  @Override
  public Generation generate(Request request, GenerationRequest generation) {
    Admission admitted = admit(request, generation.prompt().length, most(generation));
    Instant submittedAt = Instant.now();
    try {
      RunningStreams.TrackedGeneration tracked =
          running.track(
              moineau.generate(generation.withAllowance(admitted::allows)),
              (usage, timings, reason) ->
                  admitted.ended(end(request, submittedAt, usage, timings, reason)));
      request.onGone(tracked::clientGone);
      return tracked;
    } catch (RuntimeException e) {
      failed(request, submittedAt, admitted);
      throw e;
    }
  }

  @Override
  public <T> T compute(Request request, int promptTokens, Supplier<T> work) {
    Admission admitted = admit(request, promptTokens, 0);
    Instant submittedAt = Instant.now();
    RunningStreams.TrackedWork tracked =
        running.track(
            Thread.currentThread(),
            (usage, timings, reason) ->
                admitted.ended(end(request, submittedAt, usage, timings, reason)));
    request.onGone(tracked::clientGone);
    Optional<FinishReason> reason = Optional.empty();
    long start = System.nanoTime();
    try {
      T result = work.get();
      reason = Optional.of(FinishReason.STOP);
      return result;
    } catch (EngineException e) {
      if (e.code().equals("interrupted")) {
        reason = Optional.of(FinishReason.CANCELLED);
        tracked.check(FinishReason.CANCELLED);
      }
      throw e;
    } finally {
      tracked.over();
      boolean whole = reason.equals(Optional.of(FinishReason.STOP));
      long nanos = System.nanoTime() - start;
      tracked.left(
          whole ? new Usage(promptTokens, 0, 0) : NO_TOKENS,
          whole ? new Timings(0, nanos, 0, promptTokens, 0) : NO_TIME,
          reason);
    }
  }

  @Override
  public Gatekeeper gatekeeper() {
    return gatekeeper;
  }

  @Override
  public Optional<Conversations> conversations() {
    return conversations;
  }

  @Override
  public PlanData plan() {
    return plan;
  }

  @Override
  public Metrics metrics() {
    return metrics;
  }

  @Override
  public boolean ready() {
    return ready;
  }

  @Override
  public long startedAt() {
    return startedAt;
  }

  @Override
  public String fingerprint() {
    return fingerprint;
  }

  @Override
  public List<Endpoint> endpoints() {
    return endpoints;
  }
}
