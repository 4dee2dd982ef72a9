package io.moineau.plan.placement;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.placement.Demand.Quota;
import io.moineau.plan.placement.Demand.Traffic;
import io.moineau.plan.placement.PlacementResult.Relaxation;
import io.moineau.plan.placement.PlacementResult.Served;
import io.moineau.plan.placement.PlacementResult.SiteUse;
import io.moineau.plan.placement.PlacementResult.Stock;
import io.moineau.plan.placement.Situation.Column;
import io.moineau.plan.placement.Situation.Lot;
import io.moineau.plan.placement.Situation.Pool;
import io.moineau.plan.solve.Solution;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Set;

/** A solution of the programme in the words of the fleet. */
final class Outcome {
  private final Situation situation;
  private final PlacementModel model;
  private final Solution solution;

  Outcome(Situation situation, PlacementModel model, Solution solution) {
    this.situation = situation;
    this.model = model;
    this.solution = solution;
  }

  private List<Traffic> traffic() {
    return situation.demand().traffic();
  }

  private double capacity(int traffic) {
    double capacity = 0;
    for (int k = 0; k < situation.columns().size(); k++) {
      Column column = situation.columns().get(k);
      if (column.traffic() == traffic) {
        capacity += model.replicas(solution, k) * column.replica().requestsPerSecond();
      }
    }
    return capacity;
  }

  /** A placement within all constraints. */
  PlacementResult feasible(double gap) {
    List<Assignment> assignments = new ArrayList<>();
    double kilowatts = 0;
    double usdPerHour = 0;
    for (int k = 0; k < situation.columns().size(); k++) {
      long replicas = model.replicas(solution, k);
      if (replicas > 0) {
        Assignment one = assignment(situation.columns().get(k), replicas);
        assignments.add(one);
        kilowatts += one.kilowatts();
        usdPerHour += one.usdPerHour();
      }
    }
    List<String> sites = situation.fleet().sites().stream().map(Site::name).toList();
    assignments.sort((a, b) -> Integer.compare(sites.indexOf(a.site()), sites.indexOf(b.site())));
    List<Served> served = new ArrayList<>();
    for (int w = 0; w < traffic().size(); w++) {
      double wanted = traffic().get(w).requestsPerSecond();
      served.add(new Served(traffic().get(w).name(), wanted, Math.min(wanted, capacity(w))));
    }
    double usdToBuy = usdToBuy();
    return new PlacementResult(
        situation.date(),
        assignments,
        siteUses(),
        stock(),
        served,
        usdPerHour + usdToBuy / situation.writeOffHours(),
        usdToBuy,
        kilowatts,
        gap,
        new Binding(situation, this)
            .of(usdPerHour + usdToBuy / situation.writeOffHours(), usdToBuy),
        List.of(),
        List.of(),
        remarks());
  }

  /** Nothing is within all constraints. */
  static PlacementResult infeasible(Situation situation, List<Relaxation> relaxations) {
    List<String> reasons = new ArrayList<>();
    for (Traffic traffic : situation.demand().traffic()) {
      boolean isServed =
          situation.columns().stream()
              .map(column -> situation.demand().traffic().get(column.traffic()).name())
              .anyMatch(traffic.name()::equals);
      if (!isServed) {
        Set<String> why =
            new LinkedHashSet<>(situation.reasons().getOrDefault(traffic.name(), List.of()));
        reasons.add(
            "no chip of the fleet serves "
                + traffic.name()
                + (why.isEmpty() ? "" : ": " + String.join("; ", why)));
      }
    }
    if (relaxations.isEmpty()) {
      reasons.add("no set of constraints to relax was found within the effort that is spent on it");
    }
    return new PlacementResult(
        situation.date(),
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        Double.NaN,
        Double.NaN,
        Double.NaN,
        Double.NaN,
        List.of(),
        relaxations,
        reasons,
        situation.remarks());
  }

  private List<String> remarks() {
    List<String> remarks = new ArrayList<>(situation.remarks());
    boolean isPriced =
        situation.columns().stream().anyMatch(column -> column.usdPerHour() > 0)
            || situation.pools().stream()
                .flatMap(pool -> pool.lots().stream())
                .anyMatch(lot -> lot.buyable() > 0 && lot.price() > 0);
    if (!isPriced) {
      remarks.add("no price is given: the placement with the least power was taken");
    }
    for (Pool pool : situation.pools()) {
      for (Lot lot : pool.lots()) {
        if (lot.buyable() > 0 && Double.isNaN(lot.price())) {
          remarks.add(lot.item().name() + " in may_add has no price: it counts as nothing");
        }
      }
    }
    return List.copyOf(new LinkedHashSet<>(remarks));
  }

  private Assignment assignment(Column column, long replicas) {
    Replica replica = column.replica();
    Traffic traffic = traffic().get(column.traffic());
    double capacity = capacity(column.traffic());
    return new Assignment(
        situation.site(situation.pools().get(column.pool())).name(),
        traffic.name(),
        situation.pools().get(column.pool()).chip(),
        replica.weights(),
        replica.layout(),
        replica.chips(),
        replicas,
        replicas * replica.requestsPerSecond(),
        Math.min(1, traffic.requestsPerSecond() / capacity),
        replica.ttft(),
        replica.tpot(),
        replicas * column.kilowatts(),
        replicas * column.usdPerHour());
  }

  private long used(int pool) {
    long used = 0;
    for (int k = 0; k < situation.columns().size(); k++) {
      Column column = situation.columns().get(k);
      used += column.pool() == pool ? model.replicas(solution, k) * column.replica().chips() : 0;
    }
    return used;
  }

  private double usdToBuy() {
    double sum = 0;
    for (int p = 0; p < situation.pools().size(); p++) {
      List<Lot> lots = situation.pools().get(p).lots();
      for (int i = 0; i < lots.size(); i++) {
        double price = lots.get(i).price();
        sum += Double.isNaN(price) ? 0 : price * model.bought(solution, p, i);
      }
    }
    return sum;
  }

  List<Stock> stock() {
    List<Stock> stock = new ArrayList<>();
    for (int p = 0; p < situation.pools().size(); p++) {
      Pool pool = situation.pools().get(p);
      long bought = 0;
      long removed = 0;
      for (int i = 0; i < pool.lots().size(); i++) {
        bought += model.bought(solution, p, i);
        removed += model.removed(solution, p, i);
      }
      String site = situation.site(pool).name();
      stock.add(new Stock(site, pool.chip(), pool.held(), bought, removed, used(p)));
    }
    return stock;
  }

  double kilowatts(int site) {
    double sum = 0;
    for (int k = 0; k < situation.columns().size(); k++) {
      Column column = situation.columns().get(k);
      boolean isThere = situation.pools().get(column.pool()).site() == site;
      sum += isThere ? model.replicas(solution, k) * column.kilowatts() : 0;
    }
    return sum;
  }

  private List<SiteUse> siteUses() {
    List<SiteUse> uses = new ArrayList<>();
    for (int s = 0; s < situation.fleet().sites().size(); s++) {
      Site site = situation.fleet().sites().get(s);
      double usd = 0;
      for (int k = 0; k < situation.columns().size(); k++) {
        Column column = situation.columns().get(k);
        boolean isThere = situation.pools().get(column.pool()).site() == s;
        usd += isThere ? model.replicas(solution, k) * column.usdPerHour() : 0;
      }
      double share = share(site.name());
      uses.add(
          new SiteUse(
              site.name(),
              site.country(),
              kilowatts(s),
              limit(site),
              usd,
              Double.isNaN(share) ? OptionalDouble.empty() : OptionalDouble.of(share)));
    }
    return uses;
  }

  static OptionalDouble limit(Site site) {
    return site.powerKw().isPresent()
        ? OptionalDouble.of(site.powerKw().get().doubleValue())
        : OptionalDouble.empty();
  }

  /** Domestic and all chips of a site in the unit of the quota. */
  double[] sums(Site site, Quota quota) {
    double[] sums = new double[2];
    for (Item item : site.items()) {
      if (item.storage()) {
        count(sums, quota, item, site, item.count().longValue());
      }
    }
    for (int p = 0; p < situation.pools().size(); p++) {
      Pool pool = situation.pools().get(p);
      if (situation.site(pool).equals(site)) {
        for (int i = 0; i < pool.lots().size(); i++) {
          long chips =
              pool.lots().get(i).held()
                  + model.bought(solution, p, i)
                  - model.removed(solution, p, i);
          count(sums, quota, pool.lots().get(i).item(), site, chips);
        }
      }
    }
    return sums;
  }

  private static void count(double[] sums, Quota quota, Item item, Site site, long chips) {
    if (!quota.counts(item)) {
      return;
    }
    boolean isDomestic = quota.meaning().domestic(item, site.country()) == Truth.YES;
    double amount = chips * Situation.amount(item, quota.unit(), !isDomestic);
    sums[0] += isDomestic ? amount : 0;
    sums[1] += amount;
  }

  /** The share of domestic chips of a site; NaN where it is under no quota, or has no chips. */
  double share(String name) {
    Site site =
        situation.fleet().sites().stream()
            .filter(one -> one.name().equals(name))
            .findFirst()
            .orElseThrow();
    return situation
        .demand()
        .quota()
        .filter(quota -> quota.country().equals(site.country()))
        .map(quota -> {
          double[] sums = sums(site, quota);
          return sums[1] == 0 ? Double.NaN : sums[0] / sums[1];
        })
        .orElse(Double.NaN);
  }
}
