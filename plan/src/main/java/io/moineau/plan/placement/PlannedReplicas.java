package io.moineau.plan.placement;

import io.moineau.plan.PlanException;
import io.moineau.plan.capacity.Device;
import io.moineau.plan.capacity.Estimate;
import io.moineau.plan.capacity.Limits;
import io.moineau.plan.capacity.Plan;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.capacity.WeightType;
import io.moineau.plan.chips.Chip;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Replicas as the planner has them: of 1, 2, 4 ... chips, as long as larger ones serve noticeably
 * more for each chip. What a larger replica only does as well as two smaller ones is left out: it
 * would serve the same and be harder to place.
 */
final class PlannedReplicas implements Replicas {
  private static final int MOST_CHIPS = 64;
  private static final double NOTICEABLE = 1.05;
  private static final double ROOM = 0.97; // of memory that weights could take at the very most

  private final Planner planner;

  PlannedReplicas(Planner planner) {
    this.planner = planner;
  }

  @Override
  public Offer of(Demand.Traffic traffic, Chip chip) {
    Device device;
    try {
      device = Device.of(chip);
    } catch (PlanException e) {
      return new Offer(List.of(), List.of(chip.name() + ": " + e.what() + ": " + e.where()));
    }
    List<Replica> choices = new ArrayList<>();
    List<String> reasons = new ArrayList<>();
    List<Optional<WeightType>> types = new ArrayList<>();
    traffic.weights().forEach(type -> types.add(Optional.of(type)));
    if (types.isEmpty()) {
      types.add(Optional.empty());
    }
    for (Optional<WeightType> type : types) {
      sizes(traffic, device, type, choices, reasons);
    }
    return new Offer(choices, choices.isEmpty() ? reasons : List.of());
  }

  private void sizes(
      Demand.Traffic traffic,
      Device device,
      Optional<WeightType> type,
      List<Replica> choices,
      List<String> reasons) {
    double best = 0;
    int worse = 0;
    List<String> last = List.of();
    Optional<Replica> slow = Optional.empty();
    for (int chips = 1; chips <= MOST_CHIPS && worse < 2; chips *= 2) {
      Question.Builder builder =
          Question.of(traffic.model(), device, chips)
              .workload(traffic.workload())
              .limits(traffic.limits())
              .acceptedDrafts(traffic.acceptedDrafts());
      type.ifPresent(builder::weights);
      Question question = builder.build();
      if (question.weightBytes() > ROOM * chips * device.memoryBytes()) {
        last = List.of("weights of " + traffic.model().name() + " do not fit on " + chips);
        continue;
      }
      Plan plan = planner.plan(question);
      last = plan.reasons();
      Optional<Replica> kept =
          plan.best().map(estimate -> replica(question, estimate, traffic.limits()));
      if (kept.isPresent() && kept.get().excess() == 0) {
        double perChip = kept.get().requestsPerSecond() / chips;
        if (perChip > NOTICEABLE * best) {
          choices.add(kept.get());
          best = perChip;
          worse = 0;
        } else {
          worse++;
        }
      } else if (best == 0) {
        slow = nearest(question, plan, traffic.limits(), slow);
      }
    }
    // Only where nothing keeps the limits is it asked what nearly does.
    if (best == 0 && slow.isPresent()) {
      choices.add(slow.get());
    } else if (best == 0) {
      last.forEach(reason -> reasons.add(device.name() + ": " + reason));
    }
  }

  /** What is least over the limits. */
  private static Optional<Replica> nearest(
      Question question, Plan plan, Limits limits, Optional<Replica> before) {
    Optional<Replica> best = before;
    for (Estimate estimate : plan.curve()) {
      Replica one = replica(question, estimate, limits);
      boolean isBetter = best.isEmpty() || one.excess() < best.get().excess();
      best = isBetter && one.requestsPerSecond() > 0 ? Optional.of(one) : best;
    }
    return best;
  }

  private static Replica replica(Question question, Estimate estimate, Limits limits) {
    double ttft = estimate.ttft().value() / limits.ttftSeconds().orElse(Double.POSITIVE_INFINITY);
    double tpot = estimate.tpot().value() / limits.tpotSeconds().orElse(Double.POSITIVE_INFINITY);
    return new Replica(
        question.weights().name(),
        estimate.layout().text(),
        estimate.layout().chips(),
        estimate.requestsPerSecond().value(),
        estimate.watts().value(),
        estimate.ttft(),
        estimate.tpot(),
        Math.max(0, Math.max(ttft, tpot) - 1));
  }
}
