package io.moineau.server.metrics;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.moineau.ExpertActivity;
import java.util.function.ToDoubleFunction;

/**
 * How evenly the experts of each layer are used since the model was opened. Two figures per layer
 * tell it; a series for each expert, of which a large model has 15,000, is made on request only.
 */
final class ExpertMeters {
  /** The experts of one layer as they were at the last scrape. */
  private static final class Layer {
    private final long[] tokens; // [experts]

    Layer(int experts) {
      tokens = new long[experts];
    }

    double sum() {
      double sum = 0;
      for (long count : tokens) {
        sum += count;
      }
      return sum;
    }

    /** The busiest expert over the mean; as many as there are experts if it has everything. */
    double maxOverMean() {
      long max = 0;
      for (long count : tokens) {
        max = Math.max(max, count);
      }
      return max * tokens.length / sum();
    }

    /** Standard deviation over the mean: 0 if all have the same. */
    double variation() {
      double mean = sum() / tokens.length;
      double squares = 0;
      for (long count : tokens) {
        squares += (count - mean) * (count - mean);
      }
      return Math.sqrt(squares / tokens.length) / mean;
    }

    int unused() {
      int unused = 0;
      for (long count : tokens) {
        unused += count == 0 ? 1 : 0;
      }
      return unused;
    }
  }

  private final ExpertActivity activity;
  private final Layer[] layers;

  ExpertMeters(ExpertActivity activity, MeterRegistry registry, boolean perExpert) {
    this.activity = activity;
    int[] numbers = activity.layers();
    this.layers = new Layer[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      layers[i] = new Layer(activity.experts());
      bind(registry, layers[i], numbers[i], perExpert);
    }
  }

  /** Takes the figures of this moment. */
  void refresh() {
    for (int i = 0; i < layers.length; i++) {
      activity.copyTokens(i, layers[i].tokens, 0);
    }
  }

  private void bind(MeterRegistry registry, Layer layer, int number, boolean perExpert) {
    Tags tags = Tags.of("layer", Integer.toString(number));
    gauge(
        registry,
        "moineau_expert_load_max_ratio",
        "Tokens of the busiest expert of a layer over the mean of all",
        tags,
        layer,
        Layer::maxOverMean);
    gauge(
        registry,
        "moineau_expert_load_variation_ratio",
        "Standard deviation of the tokens of a layer's experts over their mean",
        tags,
        layer,
        Layer::variation);
    gauge(
        registry,
        "moineau_experts_unused",
        "Experts of a layer that no token has chosen yet",
        tags,
        layer,
        Layer::unused);
    if (!perExpert) {
      counter(registry, tags, layer, Layer::sum);
      return;
    }
    for (int e = 0; e < activity.experts(); e++) {
      int expert = e;
      Tags both = tags.and("expert", Integer.toString(expert));
      counter(registry, both, layer, own -> own.tokens[expert]);
    }
  }

  private static void gauge(
      MeterRegistry registry,
      String name,
      String help,
      Tags tags,
      Layer layer,
      ToDoubleFunction<Layer> value) {
    Gauge.builder(name, layer, value).description(help).tags(tags).register(registry);
  }

  private static void counter(
      MeterRegistry registry, Tags tags, Layer layer, ToDoubleFunction<Layer> value) {
    FunctionCounter.builder("moineau_expert_tokens", layer, value)
        .description("Choices of experts: tokens times the experts that each chose")
        .tags(tags)
        .register(registry);
  }
}
