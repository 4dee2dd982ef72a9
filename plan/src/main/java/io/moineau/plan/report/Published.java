package io.moineau.plan.report;

import io.moineau.plan.capacity.Measurement;
import io.moineau.plan.capacity.Measurements;
import io.moineau.plan.capacity.Near;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.capacity.Range;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * A published measurement beside what the planner says of it.
 *
 * @param date of the measurement
 * @param what ran on what
 * @param measured in words
 * @param estimated of the same, in words
 * @param ratio estimated by measured, in words
 * @param differs in what from the question
 * @param source where it is written
 */
public record Published(
    String date,
    String what,
    String measured,
    String estimated,
    String ratio,
    String differs,
    String source) {
  /** Columns of {@link #row}. */
  public static final List<String> HEADER =
      List.of("date", "measurement", "measured", "estimate", "ratio", "what differs", "source");

  /** In words. */
  public static Published of(Near near) {
    Measurement measurement = near.measurement();
    OptionalDouble ratio = near.ratio();
    OptionalDouble figure = figure(measurement);
    String unit = unit(measurement);
    boolean both = figure.isPresent() && ratio.isPresent();
    return new Published(
        measurement.date(),
        measurement.title(),
        figure.isPresent() ? Range.number(figure.getAsDouble()) + unit : "-",
        both ? Range.number(figure.getAsDouble() * ratio.getAsDouble()) + unit : "-",
        ratio.isPresent() ? Range.number(ratio.getAsDouble()) : "-",
        String.join("; ", near.differences()),
        String.join(
            "; ",
            measurement.sources().stream()
                .map(source -> source.title() + " " + source.url())
                .map(String::strip)
                .toList()));
  }

  /**
   * The nearest measurement of prompts, of generating, and of both together: three that are alike
   * say less.
   */
  public static List<Near> ofEachPhase(Question question, Measurements measurements) {
    Map<Integer, Near> first = new TreeMap<>();
    for (Near near : measurements.nearest(question, measurements.rows().size())) {
      int phase =
          switch (near.measurement().load().phase()) {
            case PREFILL, PREFILL_LATENCY, PREFILL_WITH_CONTEXT_CACHE -> 0;
            case DECODE -> 1;
            case END_TO_END, END_TO_END_APART, OFFLINE, SERVER, INTERACTIVE -> 2;
            default -> -1; // says nothing of the question
          };
      if (phase >= 0) {
        first.putIfAbsent(phase, near);
      }
    }
    return List.copyOf(first.values());
  }

  private static OptionalDouble figure(Measurement measurement) {
    Measurement.Result result = measurement.result();
    for (OptionalDouble one :
        List.of(result.perChip(), result.inAll(), result.perUser(), result.ttft(), result.tpot())) {
      if (one.isPresent()) {
        return one;
      }
    }
    return OptionalDouble.empty();
  }

  private static String unit(Measurement measurement) {
    Measurement.Result result = measurement.result();
    if (result.perChip().isPresent()) {
      return measurement.setup().perDie() ? " tokens/s per die" : " tokens/s per chip";
    }
    if (result.inAll().isPresent()) {
      return " tokens/s in all";
    }
    return result.perUser().isPresent() ? " tokens/s for a user" : " s";
  }

  /** As a row. */
  public List<String> row() {
    return List.of(date, what, measured, estimated, ratio, differs, source);
  }
}
