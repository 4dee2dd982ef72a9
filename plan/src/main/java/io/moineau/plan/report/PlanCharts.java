package io.moineau.plan.report;

import io.moineau.plan.capacity.Estimate;
import io.moineau.plan.capacity.Memory;
import io.moineau.plan.capacity.OperatorTime;
import io.moineau.plan.capacity.Plan;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.capacity.Range;
import io.moineau.plan.chart.Axis;
import io.moineau.plan.chart.BarChart;
import io.moineau.plan.chart.Chart;
import io.moineau.plan.chart.LineChart;
import io.moineau.plan.chart.Point;
import io.moineau.plan.chart.RooflineChart;
import io.moineau.plan.chips.Precision;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** What an estimate looks like, in English or French. */
public final class PlanCharts {
  private static final double GIGA = 1e9;
  private static final double MILLI = 1e-3;
  private static final double SMALL = 0.005; // of a step; such an operator is not drawn

  private final String language;
  private final boolean french;

  /**
   * Charts in a language.
   *
   * @param language {@code fr}, or English
   */
  public PlanCharts(String language) {
    this.language = language;
    this.french = language.toLowerCase(Locale.ROOT).startsWith("fr");
  }

  private String words(String english, String inFrench) {
    return french ? inFrench : english;
  }

  /** Throughput against latency: what else is possible, with the limit that was asked for. */
  public Chart<?> curve(Plan plan) {
    List<Point> points = new ArrayList<>();
    String last = "";
    for (Estimate estimate : plan.curve()) {
      String layout = estimate.layout().text();
      Range tokens = estimate.outputTokensPerSecond();
      points.add(
          new Point(
              estimate.tpot().value() / MILLI,
              tokens.value(),
              tokens.low(),
              tokens.high(),
              layout.equals(last) ? "" : layout)); // where another layout begins
      last = layout;
    }
    LineChart chart =
        new LineChart(words("Throughput against latency", "Débit selon la latence"))
            .x(Axis.log(words("ms for each next token", "ms par jeton suivant")))
            .y(Axis.log(words("output tokens/s in all", "jetons produits/s en tout")))
            .line(words("estimate and its range", "estimation et sa marge"), points)
            .description(
                words(
                    "Each point is a layout and a batch that none beats in both; bands are ranges.",
                    "Chaque point est un découpage et un lot qu'aucun ne bat sur les deux plans ;"
                        + " les bandes sont des marges."));
    plan.question()
        .limits()
        .tpotSeconds()
        .ifPresent(limit -> chart.vertical(limit / MILLI, words("limit", "limite")));
    return chart.language(language);
  }

  /** Memory of the fullest chip by what takes it. */
  public Chart<?> memory(Estimate estimate) {
    Memory memory = estimate.memory();
    String chip = words("each chip", "chaque puce");
    return new BarChart(words("Memory of a chip", "Mémoire d'une puce"))
        .stacked()
        .axis(Axis.fromZero("GB"))
        .bar(chip, words("weights", "poids"), memory.weights() / GIGA)
        .bar(chip, words("keys and values", "clés et valeurs"), memory.kv() / GIGA)
        .bar(chip, words("activations", "activations"), memory.activations() / GIGA)
        .bar(chip, words("reserve", "réserve"), memory.reserve() / GIGA)
        .line(memory.available() / GIGA, words("it has", "elle a"))
        .language(language);
  }

  /** The share of each operator in a step, of prompts and of generating. */
  public Chart<?> operators(Estimate estimate) {
    BarChart chart =
        new BarChart(words("Where the time goes", "Où passe le temps"))
            .axis(Axis.fromZero(words("% of a step", "% d'un pas")));
    operators(chart, words("decode", "génération"), estimate.decode());
    operators(chart, words("prefill", "invite"), estimate.prefill());
    return chart.language(language);
  }

  private static void operators(BarChart chart, String series, List<OperatorTime> operators) {
    double all = operators.stream().mapToDouble(OperatorTime::seconds).sum();
    for (OperatorTime operator : operators) {
      if (operator.seconds() > SMALL * all) {
        chart.bar(operator.name(), series, 100 * operator.seconds() / all);
      }
    }
  }

  /** The operators under the roofs of the chip: its peaks in the types that are used. */
  public Chart<?> roofline(Question question, Estimate estimate) {
    RooflineChart chart =
        new RooflineChart(words("Roofline of ", "Modèle roofline de ") + question.device().name());
    Precision arithmetic = question.weights().arithmetic();
    roof(chart, question, arithmetic);
    if (question.device().peak(Precision.BF16) < question.device().peak(arithmetic)) {
      roof(chart, question, Precision.BF16);
    }
    roofs(chart, words("prefill", "invite"), estimate.prefill());
    roofs(chart, words("decode", "génération"), estimate.decode());
    return chart.language(language);
  }

  private static void roof(RooflineChart chart, Question question, Precision precision) {
    chart.roof(
        precision.key(),
        question.device().peak(precision),
        question.device().memoryBytesPerSecond());
  }

  private static void roofs(RooflineChart chart, String series, List<OperatorTime> operators) {
    for (OperatorTime operator : operators) {
      if (operator.flops() > 0 && operator.memoryBytes() > 0 && operator.seconds() > 0) {
        chart.operator(
            series, operator.name(), operator.flops(), operator.memoryBytes(), operator.seconds());
      }
    }
  }
}
