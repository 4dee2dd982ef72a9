package io.moineau.plan.capacity;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Kind;
import io.moineau.plan.chips.Precision;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * How near published rows are to a question: sums of what differs, in logarithms of ratios, so that
 * twice as much and half as much are as far.
 */
final class Neighbours {
  // What a factor of e in each is worth; and what it costs to be of another sort.
  private static final double ACTIVE = 1;
  private static final double TOTAL = 0.5;
  private static final double BANDWIDTH = 1;
  private static final double PEAK = 0.5;
  private static final double COUNT = 0.2;
  private static final double BYTES = 0.5;
  private static final double LENGTH = 0.2;
  private static final double OTHER_SORT = 1;
  private static final double OTHER_KIND = 5; // a CPU and not, or the other way
  private static final double OTHER_FAMILY = 0.7;
  private static final double OTHER_CHIP = 0.3;
  private static final double ONE_PHASE = 0.4;
  private static final double UNKNOWN = 0.3;
  private static final double SAME = 0.02;

  private final Measurements measurements;
  private final Replay replay;
  private final Question question;
  private final Planner planner;

  Neighbours(Measurements measurements, Catalogue catalogue, Question question, Planner planner) {
    this.measurements = measurements;
    this.question = question;
    this.planner = planner;
    replay = new Replay(catalogue, measurements);
  }

  List<Near> nearest(int most) {
    List<Near> all = new ArrayList<>();
    for (Measurement row : measurements.rows()) {
      boolean shown =
          row.use() != Measurement.Use.NO
              && row.load().phase() != Measurement.Phase.MEMORY_MODEL
              && Replay.measured(row).isPresent();
      Optional<Replay.Row> ready = shown ? replay.row(row) : Optional.empty();
      ready.ifPresent(one -> all.add(compare(one)));
    }
    all.sort(
        Comparator.comparingDouble(Near::distance).thenComparing(near -> near.measurement().id()));
    return all.stream().limit(most).map(this::withRatio).toList();
  }

  private Near withRatio(Near near) {
    Replay.Row row = replay.row(near.measurement()).orElseThrow();
    double estimate = replay.estimated(row, planner.calibration());
    double measured = Replay.measured(near.measurement()).orElseThrow();
    OptionalDouble ratio =
        estimate > 0 ? OptionalDouble.of(estimate / measured) : OptionalDouble.empty();
    return new Near(near.measurement(), near.distance(), near.differences(), ratio);
  }

  private Near compare(Replay.Row row) {
    List<String> differences = new ArrayList<>();
    double distance = model(row, differences) + chip(row, differences);
    distance += load(row, differences);
    return new Near(row.measurement, distance, differences, OptionalDouble.empty());
  }

  private double model(Replay.Row row, List<String> differences) {
    ModelShape asked = question.model();
    double distance =
        ACTIVE * apart((double) asked.activeParameters(), (double) row.model.activeParameters())
            + TOTAL * apart((double) asked.parameters(), (double) row.model.parameters());
    if (asked.experts().isPresent() != row.model.experts().isPresent()) {
      distance += OTHER_SORT;
    }
    if (distance > SAME) {
      differences.add(row.measurement.setup().named() + ", not " + asked.name());
    }
    double bytes =
        BYTES * apart(question.weights().bytesPerParameter(), row.weights.bytesPerParameter());
    if (bytes > SAME) {
      differences.add(row.weights.name() + " weights, not " + question.weights().name());
    }
    return distance + bytes;
  }

  private double chip(Replay.Row row, List<String> differences) {
    Device asked = question.device();
    double distance = 0;
    if (!asked.name().equals(row.device.name())) {
      Precision common = Precision.BF16;
      distance =
          OTHER_CHIP
              + BANDWIDTH * apart(asked.memoryBytesPerSecond(), row.device.memoryBytesPerSecond())
              + PEAK * apart(asked.peak(common), row.device.peak(common));
      distance += asked.family().equals(row.device.family()) ? 0 : OTHER_FAMILY;
      distance += asked.kind() == Kind.CPU == (row.device.kind() == Kind.CPU) ? 0 : OTHER_KIND;
      differences.add(row.measurement.setup().machine() + ", not " + asked.name());
    } else if (row.beside != null) {
      distance = OTHER_SORT;
      differences.add("with " + row.beside.name() + " beside it");
    }
    if (row.chips != question.count()) {
      differences.add(
          row.chips + (row.chips == 1 ? " chip" : " chips") + ", not " + question.count());
    }
    return distance + COUNT * apart(row.chips, question.count());
  }

  private double load(Replay.Row row, List<String> differences) {
    Measurement.Phase phase = row.measurement.load().phase();
    Workload asked = question.workload();
    boolean prompts =
        phase == Measurement.Phase.PREFILL || phase == Measurement.Phase.PREFILL_LATENCY;
    double distance = prompts || phase == Measurement.Phase.DECODE ? ONE_PHASE : 0;
    if (distance > 0) {
      differences.add(phase.word() + " only");
    }
    if (row.input <= 0) {
      return distance + UNKNOWN;
    }
    double in = LENGTH * apart(row.input, asked.inputTokens());
    double out = prompts ? 0 : LENGTH * apart(row.output, asked.outputTokens());
    if (in + out > SAME) {
      differences.add(
          prompts
              ? String.format(Locale.ROOT, "%.0f tokens in, not %d", row.input, asked.inputTokens())
              : String.format(
                  Locale.ROOT,
                  "%.0f tokens in and %.0f out, not %d and %d",
                  row.input,
                  row.output,
                  asked.inputTokens(),
                  asked.outputTokens()));
    }
    return distance + in + out;
  }

  private static double apart(double one, double other) {
    return Math.abs(Math.log(one / other));
  }
}
