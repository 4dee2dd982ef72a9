package io.moineau.plan.capacity;

import io.moineau.plan.chips.Kind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Why nothing fits or meets the limits, and what would. */
final class Reasons {
  private static final double GIGA = 1e9;
  private static final double MILLI = 1e3;
  private static final int MOST_CHIPS = 4096;
  private static final int MORE = 8;

  private final Question question;
  private final Factors factors;
  private final List<String> assumptions;
  private final List<Point> points;

  /** Of the points that fit. */
  Reasons(Question question, Factors factors, List<String> assumptions, List<Point> points) {
    this.assumptions = assumptions;
    this.question = question;
    this.factors = factors;
    this.points = points;
  }

  List<String> list() {
    return points.isEmpty() ? nothingFits() : nothingMeets();
  }

  private List<String> nothingFits() {
    List<String> reasons = new ArrayList<>();
    double memory = question.device().memoryBytes() * question.count();
    reasons.add(
        "does not fit: the weights of "
            + question.model().name()
            + " in "
            + question.weights().name()
            + " are "
            + Range.number(question.weightBytes() / GIGA)
            + " GB, and one sequence of "
            + (question.workload().inputTokens() + question.workload().outputTokens())
            + " tokens takes "
            + Range.number(sequenceBytes() / GIGA)
            + " GB; "
            + question.count()
            + " x "
            + question.device().name()
            + " have "
            + Range.number(memory / GIGA)
            + " GB, of which programs take "
            + Range.number(factors.reserve * memory / GIGA)
            + " GB");
    reasons.add(
        fewestChips()
            .map(chips -> "fits on " + chips + " such chips")
            .orElse("fits on no number of such chips up to " + MOST_CHIPS));
    smallerType()
        .ifPresent(type ->
            reasons.add(
                "fits on these chips with weights in "
                    + type.name()
                    + " ("
                    + Range.number(question.withWeights(type).weightBytes() / GIGA)
                    + " GB)"));
    return reasons;
  }

  private double sequenceBytes() {
    return Point.keptTokens(question.workload(), 1)
        * question.model().keptPerToken()
        * question.kv().bytesPerParameter();
  }

  private boolean fits(Question asked) {
    for (Parallel parallel : Search.parallels(asked, asked.count())) {
      Shard shard = new Shard(asked, parallel, factors);
      Prefill prefill = Prefill.of(asked, shard, factors);
      if (new Point(asked, factors, prefill, shard, Layout.together(parallel), 1).memory.fits()) {
        return true;
      }
    }
    return false;
  }

  private Optional<Integer> fewestChips() {
    for (int power = 1; power <= MOST_CHIPS; power *= 2) {
      for (int chips : new int[] {power, power + power / 2}) { // 1, 2, 3, 4, 6, 8, 12 ...
        if (chips > question.count() && fits(question.withCount(chips))) {
          return Optional.of(chips);
        }
      }
    }
    return Optional.empty();
  }

  /** The widest type that is smaller and fits. */
  private Optional<WeightType> smallerType() {
    double now = question.weights().bytesPerParameter();
    return WeightType.all().stream()
        .filter(type -> type.bytesPerParameter() < now)
        .sorted(Comparator.comparingDouble(type -> -type.bytesPerParameter()))
        .filter(type -> fits(question.withWeights(type)))
        .findFirst();
  }

  private List<String> nothingMeets() {
    List<String> reasons = new ArrayList<>();
    limit(
        reasons,
        "time to first token",
        question.limits().ttftSeconds(),
        Comparator.comparingDouble(point -> point.ttft));
    limit(
        reasons,
        "time per output token",
        question.limits().tpotSeconds(),
        Comparator.comparingDouble(point -> point.tpot));
    if (reasons.isEmpty()) {
      reasons.add("each limit can be met, but no layout meets both");
    }
    reasons.add(
        moreChips()
            .map(chips -> chips + " such chips would meet the limits")
            .orElse("more such chips would not meet the limits"));
    narrower()
        .ifPresent(type ->
            reasons.add("these chips would meet the limits with weights in " + type.name()));
    return reasons;
  }

  /** The widest usual type that is narrower and meets the limits. */
  private Optional<WeightType> narrower() {
    double now = question.weights().bytesPerParameter();
    List<String> usual =
        question.device().kind() == Kind.CPU
            ? List.of("q8_0", "q4_k_m", "iq2_m")
            : List.of("fp8", "int8", "fp4", "int4");
    return usual.stream()
        .map(WeightType::of)
        .filter(type -> type.bytesPerParameter() < now)
        .filter(type -> new Search(question.withWeights(type), factors, assumptions).succeeds())
        .findFirst();
  }

  /** Twice to eight times as many; more than that answer another question. */
  private Optional<Integer> moreChips() {
    for (int times = 2; times <= MORE; times *= 2) {
      int chips = question.count() * times;
      if (chips <= MOST_CHIPS
          && new Search(question.withCount(chips), factors, assumptions).succeeds()) {
        return Optional.of(chips);
      }
    }
    return Optional.empty();
  }

  private void limit(
      List<String> reasons, String name, OptionalDouble limit, Comparator<Point> order) {
    Point best = points.stream().min(order).orElseThrow();
    double reached = name.contains("first") ? best.ttft : best.tpot;
    if (limit.isPresent() && reached > limit.getAsDouble()) {
      reasons.add(
          name
              + ": the least that these chips reach is "
              + Range.number(reached * MILLI)
              + " ms ("
              + best.layout.text()
              + ", "
              + Math.round(best.batch)
              + " in flight), and the limit is "
              + Range.number(limit.getAsDouble() * MILLI)
              + " ms");
    }
  }
}
