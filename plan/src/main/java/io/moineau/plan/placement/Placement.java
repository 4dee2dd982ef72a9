package io.moineau.plan.placement;

import io.moineau.plan.audit.Fleet;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.placement.Constraint.Kind;
import io.moineau.plan.placement.PlacementResult.Relaxation;
import io.moineau.plan.rules.Rules;
import io.moineau.plan.solve.Effort;
import io.moineau.plan.solve.Solution;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Places models and traffic on a fleet: as much served as is wanted, then at the least cost, then
 * with the least power, within chips, power, budget, where data may be, the rules on the day and
 * the quota of domestic chips. Where nothing can be within all that, the smallest sets of
 * constraints whose relaxation suffices.
 */
public final class Placement {
  private static final int SETS = 3;
  private static final double LEAST_GAP = 1e-3;
  private static final int STEPS_OF_SHARE = 8;

  private final Situation situation;
  private final Effort effort;

  private Placement(Situation situation, Effort effort) {
    this.situation = situation;
    this.effort = effort;
  }

  /**
   * Places a demand on a fleet.
   *
   * @param date on which the rules are asked, where the demand names none
   * @throws io.moineau.plan.PlanException {@code plan-contradiction} where the demand contradicts
   *     itself or the fleet before anything is solved
   */
  public static PlacementResult solve(
      Fleet fleet,
      Demand demand,
      Catalogue catalogue,
      Rules rules,
      Planner planner,
      LocalDate date) {
    return solve(fleet, demand, catalogue, rules, planned(planner), date);
  }

  /** Replicas as a planner has them. */
  public static Replicas planned(Planner planner) {
    return new PlannedReplicas(planner);
  }

  /** The same with replicas from elsewhere, such as measured ones. */
  public static PlacementResult solve(
      Fleet fleet,
      Demand demand,
      Catalogue catalogue,
      Rules rules,
      Replicas replicas,
      LocalDate date) {
    Effort effort = Effort.standard().withGap(LEAST_GAP);
    return solve(fleet, demand, catalogue, rules, replicas, date, effort);
  }

  /** The same with other effort. */
  static PlacementResult solve(
      Fleet fleet,
      Demand demand,
      Catalogue catalogue,
      Rules rules,
      Replicas replicas,
      LocalDate date,
      Effort effort) {
    Situation situation =
        Situation.of(fleet, demand, demand.date().orElse(date), catalogue, rules, replicas);
    return new Placement(situation, effort).solve();
  }

  private PlacementResult solve() {
    boolean isAll = situation.demand().traffic().stream().allMatch(one -> one.least() == 1);
    double[] unserved = new double[situation.demand().traffic().size()];
    if (!isAll) {
      PlacementModel model = PlacementModel.ofService(situation);
      Solution service = model.search(effort);
      if (!service.isSolved()) {
        return relax();
      }
      // What is served is settled; the cheapest way to serve it has a bound of its own.
      unserved = model.unserved(service);
    }
    PlacementModel cheapest = PlacementModel.ofCost(situation, unserved);
    Solution solution = cheapest.search(effort);
    if (solution.status() == Solution.Status.UNKNOWN) {
      // A large fleet: a placement that serves less is found at once, and bettered step by step.
      Solution soft = PlacementModel.ofSoftService(situation).search(effort);
      solution = soft.isSolved() ? cheapest.search(effort, soft) : solution;
    }
    if (!solution.isSolved()) {
      return relax();
    }
    double room = solution.value() - solution.bound();
    double gap = room <= 1e-9 ? 0 : room / Math.max(1e-9, solution.value());
    return new Outcome(situation, cheapest, solution).feasible(gap);
  }

  /** The smallest sets of constraints to relax. */
  private PlacementResult relax() {
    List<Set<String>> known = new ArrayList<>();
    List<Relaxation> relaxations = new ArrayList<>();
    int size = 0;
    while (relaxations.size() < SETS) {
      PlacementModel model = PlacementModel.elastic(situation, known);
      Solution solution = model.search(effort);
      if (!solution.isSolved()) {
        break;
      }
      List<Constraint> relaxed = model.relaxed(solution);
      if (relaxed.isEmpty()) { // it was feasible after all, and hard to find
        return new Outcome(situation, model, solution).feasible(Double.NaN);
      }
      if (size > 0 && relaxed.size() > size) {
        break;
      }
      size = relaxed.size();
      Set<String> keys = new HashSet<>();
      relaxed.forEach(one -> keys.add(one.key()));
      known.add(keys);
      relaxations.add(new Breaches(situation, model, solution).of(relaxed, share(relaxed)));
    }
    return Outcome.infeasible(situation, relaxations);
  }

  /**
   * The highest share that can be kept where the quota of one site is all that is relaxed. A share
   * is a quotient: Dinkelbach's method (1967) takes the sum "domestic less share of all" to its
   * most at a share that can be kept, which gives a higher one, until none is.
   */
  private OptionalDouble share(List<Constraint> relaxed) {
    if (relaxed.size() != 1 || relaxed.getFirst().kind() != Kind.QUOTA) {
      return OptionalDouble.empty();
    }
    String site = relaxed.getFirst().subject();
    OptionalDouble best = OptionalDouble.empty();
    for (int step = 0; step < STEPS_OF_SHARE; step++) {
      double share = best.orElse(0);
      PlacementModel model = PlacementModel.ofShare(situation, Map.of(site, share));
      Solution solution = model.search(effort);
      if (!solution.isSolved()) {
        break;
      }
      double next = new Outcome(situation, model, solution).share(site);
      if (best.isPresent() && next <= share + 1e-9) {
        break;
      }
      best = OptionalDouble.of(next);
    }
    return best;
  }
}
