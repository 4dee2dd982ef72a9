package io.moineau.plan.placement;

import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.placement.Demand.Traffic;
import io.moineau.plan.placement.PlacementResult.Relaxation;
import io.moineau.plan.placement.PlacementResult.Relaxed;
import io.moineau.plan.placement.Situation.Column;
import io.moineau.plan.placement.Situation.Lot;
import io.moineau.plan.placement.Situation.Pool;
import io.moineau.plan.solve.Solution;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** What constraints that were relaxed would have to be, in words and numbers. */
final class Breaches {
  private final Situation situation;
  private final PlacementModel model;
  private final Solution solution;
  private final Outcome outcome;

  Breaches(Situation situation, PlacementModel model, Solution solution) {
    this.situation = situation;
    this.model = model;
    this.solution = solution;
    outcome = new Outcome(situation, model, solution);
  }

  /** Each of them in words. */
  Relaxation of(List<Constraint> relaxed, OptionalDouble bestShare) {
    // A count that is above its bound by less than one is the least there is.
    boolean isSmallest = Math.ceil(solution.bound() - 1e-6) >= solution.value() - 1e-6;
    return new Relaxation(
        relaxed.stream().map(constraint -> relaxed(constraint, bestShare)).toList(), isSmallest);
  }

  private Relaxed relaxed(Constraint constraint, OptionalDouble bestShare) {
    double breach = model.breach(solution, constraint);
    String subject = constraint.subject();
    Demand demand = situation.demand();
    return switch (constraint.kind()) {
      case CHIPS -> {
        Pool pool =
            situation.pools().stream()
                .filter(one -> (one.chip() + " at " + situation.site(one).name()).equals(subject))
                .findFirst()
                .orElseThrow();
        long most = pool.held() + pool.lots().stream().mapToLong(Lot::buyable).sum();
        yield number(
            constraint,
            most,
            most + breach,
            "chips",
            "have " + plain(most + breach) + " instead of " + most + " " + subject);
      }
      case POWER -> {
        double limit =
            situation.fleet().sites().stream()
                .filter(site -> site.name().equals(subject))
                .findFirst()
                .flatMap(Site::powerKw)
                .orElseThrow()
                .doubleValue();
        double more = Math.ceil(breach * 10 - 1e-6) / 10;
        yield number(
            constraint,
            limit,
            limit + more,
            "kW",
            "raise the power at "
                + subject
                + " by "
                + plain(more)
                + " kW, from "
                + plain(limit)
                + " to "
                + plain(limit + more));
      }
      case COST -> {
        double limit = demand.usdPerHour().orElseThrow();
        double to = Math.ceil((limit + breach) * 100 - 1e-6) / 100;
        yield number(
            constraint,
            limit,
            to,
            "USD/h",
            "pay " + plain(to) + " instead of " + plain(limit) + " USD an hour");
      }
      case BUYING -> {
        double limit = demand.usdToBuy().orElseThrow();
        double to = Math.ceil(limit + 1000 * breach - 1e-3);
        yield number(
            constraint,
            limit,
            to,
            "USD",
            "spend " + plain(to) + " instead of " + plain(limit) + " USD on chips");
      }
      case QUOTA -> {
        double share = Math.floor(bestShare.orElse(outcome.share(subject)) * 1000 + 1e-9) / 1000;
        yield number(
            constraint,
            demand.quota().orElseThrow().share(),
            share,
            "share",
            "let the domestic share at "
                + subject
                + " be "
                + Numbers.percent(share)
                + " (the quota: "
                + constraint.why()
                + ")");
      }
      case DEMAND -> {
        Traffic traffic = named(subject);
        double part = Math.floor(1000 * (traffic.least() - breach / 100) + 1e-6) / 1000;
        yield number(
            constraint,
            traffic.least(),
            Math.max(0, part),
            "part",
            "serve "
                + Numbers.percent(Math.max(0, part))
                + " of "
                + subject
                + " instead of "
                + Numbers.percent(traffic.least()));
      }
      case LIMITS -> limits(constraint, named(subject));
      case COUNTRY -> word(constraint, "allow what is barred: " + constraint.why());
      case SHIPPING ->
          word(
              constraint, "have a licence for shipping " + subject + " (" + constraint.why() + ")");
      case RENTING -> word(constraint, "have cleared: " + subject + " (" + constraint.why() + ")");
      case REPLICAS ->
          number(
              constraint,
              Double.NaN,
              breach,
              "replicas",
              "let the number of replicas of " + subject + " differ by " + plain(breach));
    };
  }

  private Traffic named(String name) {
    return situation.demand().traffic().stream()
        .filter(one -> one.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The times that the chosen replicas keep. */
  private Relaxed limits(Constraint constraint, Traffic traffic) {
    double ttft = 0;
    double tpot = 0;
    for (int k = 0; k < situation.columns().size(); k++) {
      Column column = situation.columns().get(k);
      Traffic own = situation.demand().traffic().get(column.traffic());
      if (own.name().equals(traffic.name()) && model.replicas(solution, k) > 0) {
        ttft = Math.max(ttft, column.replica().ttft().value());
        tpot = Math.max(tpot, column.replica().tpot().value());
      }
    }
    double ttftLimit = traffic.limits().ttftSeconds().orElse(Double.POSITIVE_INFINITY);
    double tpotLimit = traffic.limits().tpotSeconds().orElse(Double.POSITIVE_INFINITY);
    List<String> parts = new ArrayList<>();
    if (ttft > ttftLimit) {
      parts.add("TTFT " + up(ttft) + " instead of " + Numbers.seconds(ttftLimit));
    }
    if (tpot > tpotLimit) {
      parts.add("TPOT " + up(tpot) + " instead of " + Numbers.seconds(tpotLimit));
    }
    boolean isTpot = tpot > tpotLimit;
    return number(
        constraint,
        isTpot ? tpotLimit : ttftLimit,
        isTpot ? tpot : ttft,
        "s",
        "promise " + traffic.name() + " " + String.join(" and ", parts));
  }

  /** Rounded up to three digits: what is promised must be kept. */
  private static String up(double seconds) {
    double scale = Math.pow(10, 2 - Math.floor(Math.log10(seconds)));
    return Numbers.seconds(Math.ceil(seconds * scale - 1e-9) / scale);
  }

  private static String plain(double number) {
    return Numbers.plain(number);
  }

  private static Relaxed number(
      Constraint constraint, double from, double to, String unit, String text) {
    return new Relaxed(constraint.kind().word(), constraint.subject(), from, to, unit, text);
  }

  private static Relaxed word(Constraint constraint, String text) {
    return number(constraint, Double.NaN, Double.NaN, "", text);
  }
}
