package io.moineau.plan.report;

import io.moineau.plan.capacity.Measurement;
import io.moineau.plan.capacity.Range;
import java.util.List;
import java.util.OptionalDouble;

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
      List.of("date", "measurement", "measured", "estimate", "ratio", "differs in", "source");

  /**
   * In words.
   *
   * @param ratio estimated by measured
   * @param differences from the question
   */
  public static Published of(
      Measurement measurement, OptionalDouble ratio, List<String> differences) {
    OptionalDouble figure = figure(measurement);
    String unit = unit(measurement);
    boolean both = figure.isPresent() && ratio.isPresent();
    return new Published(
        measurement.date(),
        measurement.title(),
        figure.isPresent() ? Range.number(figure.getAsDouble()) + unit : "-",
        both ? Range.number(figure.getAsDouble() * ratio.getAsDouble()) + unit : "-",
        ratio.isPresent() ? Range.number(ratio.getAsDouble()) : "-",
        String.join(", ", differences),
        String.join(
            "; ",
            measurement.sources().stream()
                .map(source -> source.title() + " " + source.url())
                .map(String::strip)
                .toList()));
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
