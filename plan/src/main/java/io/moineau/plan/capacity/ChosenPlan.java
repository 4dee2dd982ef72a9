package io.moineau.plan.capacity;

import io.moineau.plan.PlanException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** A plan whose layout or batch the user has chosen; the other is searched. */
public final class ChosenPlan {
  private static final double MOST = 1_000_000;
  private static final double STEP = Math.pow(2, 0.25);
  private static final double GIGA = 1e9;

  private final Planner planner;
  private final Question question;

  private ChosenPlan(Planner planner, Question question) {
    this.planner = planner;
    this.question = question;
  }

  /**
   * The plan. Where nothing fits or meets the limits, the first choice is shown all the same, with
   * the reason.
   *
   * @param layout as {@link LayoutText} reads it; empty to search
   * @param batch requests in flight in all; empty to search
   * @throws PlanException {@code plan-bad-layout} or {@code plan-bad-question}
   */
  public static Plan of(
      Planner planner, Question question, Optional<String> layout, OptionalDouble batch) {
    if (batch.isPresent() && !(batch.getAsDouble() >= 1 && batch.getAsDouble() <= MOST)) {
      throw new PlanException(
          "plan-bad-question",
          "a wrong number of requests in flight",
          Range.number(batch.getAsDouble()),
          "1 to " + Range.number(MOST),
          "leave it out to have the best one searched");
    }
    if (layout.isEmpty() && batch.isEmpty()) {
      return planner.plan(question);
    }
    return new ChosenPlan(planner, question).plan(layout, batch);
  }

  private Plan plan(Optional<String> layout, OptionalDouble batch) {
    Set<Layout> layouts = new LinkedHashSet<>();
    if (layout.isPresent()) {
      Layout given = LayoutText.parse(layout.get(), question.count());
      check(given.decode());
      check(given.prefill());
      layouts.add(given);
    } else {
      Plan searched = planner.plan(question);
      searched.choices().forEach(one -> layouts.add(one.layout()));
      searched.curve().forEach(one -> layouts.add(one.layout()));
      if (layouts.isEmpty()) {
        return searched;
      }
    }
    List<Estimate> estimates = new ArrayList<>();
    for (Layout one : layouts) {
      if (batch.isPresent()) {
        estimates.add(planner.estimate(question, one, batch.getAsDouble()));
      } else {
        estimates.addAll(batches(one));
      }
    }
    return plan(estimates, batch.isEmpty());
  }

  /** What no program can cut so. */
  private void check(Parallel parallel) {
    ModelShape model = question.model();
    int heads = model.attention().numAttentionHeads();
    int experts = model.experts().map(ExpertShape::nRoutedExperts).orElse(1);
    if (heads % parallel.tensor() != 0) {
      throw bad(parallel, "TP that divides the " + heads + " heads of " + model.name());
    }
    if (parallel.pipeline() > model.numHiddenLayers()) {
      throw bad(parallel, "PP of at most the " + model.numHiddenLayers() + " layers");
    }
    if (parallel.expert() > experts) {
      throw bad(parallel, "EP of at most the " + experts + " experts of a layer");
    }
  }

  private static PlanException bad(Parallel parallel, String allowed) {
    return new PlanException(
        "plan-bad-layout",
        "the model cannot be cut so",
        parallel.text(),
        allowed,
        "leave the layout out: the best one is searched");
  }

  /** With more and more requests until the memory ends. */
  private List<Estimate> batches(Layout layout) {
    List<Estimate> estimates = new ArrayList<>();
    double last = 0;
    for (double exact = 1; exact <= MOST; exact *= STEP) {
      double batch = Math.rint(exact);
      if (batch == last) {
        continue;
      }
      Estimate estimate = planner.estimate(question, layout, batch);
      if (!estimate.memory().fits() && last > 0) {
        break;
      }
      estimates.add(estimate);
      if (!estimate.memory().fits()) {
        break;
      }
      last = batch;
    }
    return estimates;
  }

  private Plan plan(List<Estimate> estimates, boolean manyBatches) {
    List<Estimate> sorted = new ArrayList<>(estimates);
    sorted.sort(
        Comparator.comparing((Estimate one) -> !one.memory().fits())
            .thenComparing(one -> !one.meetsLimits())
            .thenComparing(one -> one.memory().fits() ? 0 : one.memory().needed())
            .thenComparing(one -> -one.outputTokensPerSecond().value()));
    List<Estimate> choices = new ArrayList<>();
    Set<Layout> seen = new LinkedHashSet<>();
    for (Estimate one : sorted) {
      if (!manyBatches || seen.add(one.layout())) {
        choices.add(one);
      }
    }
    return new Plan(question, choices, curve(sorted), reasons(choices.getFirst()));
  }

  /** Those that fit and that none beats in both, fastest for a user first. */
  private static List<Estimate> curve(List<Estimate> estimates) {
    List<Estimate> byLatency = new ArrayList<>(estimates);
    byLatency.removeIf(one -> !one.memory().fits());
    byLatency.sort(
        Comparator.comparingDouble((Estimate one) -> one.tpot().value())
            .thenComparing(one -> -one.outputTokensPerSecond().value()));
    List<Estimate> curve = new ArrayList<>();
    double most = 0;
    for (Estimate one : byLatency) {
      if (one.outputTokensPerSecond().value() > most) {
        most = one.outputTokensPerSecond().value();
        curve.add(one);
      }
    }
    return curve;
  }

  private List<String> reasons(Estimate best) {
    List<String> reasons = new ArrayList<>();
    Memory memory = best.memory();
    if (!memory.fits()) {
      reasons.add(
          "with "
              + best.layout().text()
              + " and "
              + Range.number(best.batch())
              + " requests in flight a chip needs "
              + Range.number(memory.needed() / GIGA)
              + " of "
              + Range.number(memory.available() / GIGA)
              + " GB");
    }
    limit(reasons, "first token", best.ttft(), question.limits().ttftSeconds());
    limit(reasons, "next tokens", best.tpot(), question.limits().tpotSeconds());
    return reasons;
  }

  private static void limit(
      List<String> reasons, String name, Range estimate, OptionalDouble most) {
    if (most.isPresent() && estimate.value() > most.getAsDouble()) {
      reasons.add(
          String.format(
              Locale.ROOT,
              "%s after %s s: the limit is %s s",
              name,
              Range.number(estimate.value()),
              Range.number(most.getAsDouble())));
    }
  }
}
