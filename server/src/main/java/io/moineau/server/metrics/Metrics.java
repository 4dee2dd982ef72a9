package io.moineau.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.moineau.ModelCard;
import io.moineau.Moineau;
import io.moineau.server.AccessEntry;
import io.moineau.server.access.AnswerEnd;
import io.moineau.server.access.AnswerListener;
import io.prometheus.metrics.core.metrics.Info;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All figures of a server, for Prometheus. Told of each request and each answer, by many threads;
 * what the engine, the experts and the process count themselves is asked at each scrape.
 */
public final class Metrics implements AnswerListener, AutoCloseable {
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final MetricsOptions options;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final EngineMeters engine;
  private final Optional<ExpertMeters> experts;
  private final AnswerMeters answers;
  private final HttpMeters requests;
  private final ProcessMeters process;
  private final List<Runnable> figures = new ArrayList<>();

  /**
   * Figures of a model.
   *
   * @param modelId its name for clients
   */
  public Metrics(Moineau moineau, String modelId, MetricsOptions options) {
    this.options = options;
    engine = new EngineMeters(moineau, registry);
    experts =
        moineau
            .experts()
            .map(activity -> new ExpertMeters(activity, registry, options.perExpert()));
    answers = new AnswerMeters(registry, options.perKey());
    requests = new HttpMeters(registry);
    process = new ProcessMeters(registry);
    model(moineau.card(), modelId);
    options.figures().forEach(this::bind);
  }

  /** What is told, and to whom. */
  public MetricsOptions options() {
    return options;
  }

  /** Counts a request. */
  public void answered(AccessEntry entry) {
    requests.answered(entry);
  }

  @Override
  public void ended(AnswerEnd end) {
    answers.ended(end);
  }

  /**
   * All figures of this moment.
   *
   * @param accept the header {@code Accept}: OpenMetrics for those who name it, else the text
   *     format that every Prometheus reads
   */
  public synchronized Scraped scrape(String accept) {
    engine.refresh();
    experts.ifPresent(ExpertMeters::refresh);
    process.refresh();
    figures.forEach(Runnable::run);
    String type = accept.contains("application/openmetrics-text") ? OPEN_METRICS : TEXT;
    return new Scraped(type, registry.scrape(type));
  }

  private void model(ModelCard card, String modelId) {
    info(
        "moineau_build_info",
        "The program that runs",
        Map.of(
            "version",
            version(),
            "java",
            Runtime.version().toString(),
            "kernels",
            card.provider()));
    info(
        "moineau_model_info",
        "The model that is served",
        Map.of(
            "model",
            modelId,
            "architecture",
            card.architecture(),
            "quantization",
            card.quantization()));
    constant(
        "moineau_model_weight_bytes",
        "Bytes of the model's file",
        Tags.empty(),
        (double) card.fileBytes());
    constant(
        "moineau_kv_cache_bytes",
        "Memory set aside for keys and values",
        Tags.empty(),
        (double) card.memory().kvBytes());
    constant("moineau_threads", "Threads that compute", Tags.empty(), card.threads());
    constant("moineau_model_experts", "Routed experts per layer", Tags.empty(), card.numExperts());
  }

  private static String version() {
    String version = Metrics.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }

  /** Micrometer knows no such type, and would take {@code _info} from the name of a gauge. */
  private void info(String name, String help, Map<String, String> labels) {
    List<String> names = List.copyOf(labels.keySet());
    Info.builder()
        .name(name)
        .help(help)
        .labelNames(names.toArray(String[]::new))
        .register(registry.getPrometheusRegistry())
        .setLabelValues(names.stream().map(labels::get).toArray(String[]::new));
  }

  private void constant(String name, String help, Tags tags, double value) {
    Gauge.builder(name, () -> value).description(help).tags(tags).register(registry);
  }

  private void bind(Figure figure) {
    if (!figure.label().isEmpty()) {
      MultiGauge rows =
          MultiGauge.builder(figure.name()).description(figure.help()).register(registry);
      figures.add(() -> rows.register(rows(figure), true));
    } else if (figure.counter()) {
      FunctionCounter.builder(figure.name(), figure, Metrics::single)
          .description(figure.help())
          .register(registry);
    } else {
      Gauge.builder(figure.name(), figure, Metrics::single)
          .description(figure.help())
          .register(registry);
    }
  }

  private static double single(Figure figure) {
    return figure.values().get().getOrDefault("", Double.NaN);
  }

  private static List<MultiGauge.Row<?>> rows(Figure figure) {
    List<MultiGauge.Row<?>> rows = new ArrayList<>();
    for (Map.Entry<String, Double> entry : figure.values().get().entrySet()) {
      double value = entry.getValue();
      rows.add(MultiGauge.Row.of(Tags.of(figure.label(), entry.getKey()), () -> value));
    }
    return rows;
  }

  @Override
  public void close() {
    process.close();
    registry.close();
  }
}
