package io.moineau.plan.placement;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.placement.Demand.Quota;
import io.moineau.plan.placement.Demand.Traffic;
import io.moineau.plan.placement.PlacementResult.Relaxation;
import io.moineau.plan.placement.PlacementResult.Relaxed;
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
        binding(usdPerHour + usdToBuy / situation.writeOffHours(), usdToBuy),
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

  private List<Stock> stock() {
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

  private double kilowatts(int site) {
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

  private static OptionalDouble limit(Site site) {
    return site.powerKw().isPresent()
        ? OptionalDouble.of(site.powerKw().get().doubleValue())
        : OptionalDouble.empty();
  }

  /** Domestic and all chips of a site in the unit of the quota. */
  private double[] sums(Site site, Quota quota) {
    double[] sums = new double[2];
    for (Item item : site.items()) {
      if (item.storage()) {
        count(sums, quota, item, site, item.count().longValue());
      }
    }
    for (int p = 0; p < situation.pools().size(); p++) {
      Pool pool = situation.pools().get(p);
      if (situation.site(pool) == site) {
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

  private List<String> binding(double usdPerHour, double usdToBuy) {
    List<String> binding = new ArrayList<>();
    for (Stock stock : stock()) {
      long least = Long.MAX_VALUE;
      for (Column column : situation.columns()) {
        Pool pool = situation.pools().get(column.pool());
        boolean isThere =
            pool.chip().equals(stock.chip()) && situation.site(pool).name().equals(stock.site());
        if (isThere && column.barriers().isEmpty()) {
          least = Math.min(least, column.replica().chips());
        }
      }
      if (least < Long.MAX_VALUE && stock.used() > 0 && stock.idle() < least) {
        long all = stock.used() + stock.idle();
        binding.add(
            "chips: " + stock.used() + " of " + all + " " + stock.chip() + " at " + stock.site());
      }
    }
    for (int s = 0; s < situation.fleet().sites().size(); s++) {
      Site site = situation.fleet().sites().get(s);
      double least = Double.POSITIVE_INFINITY;
      for (Column column : situation.columns()) {
        boolean isThere = situation.pools().get(column.pool()).site() == s;
        if (isThere && column.barriers().isEmpty()) {
          least = Math.min(least, column.kilowatts());
        }
      }
      double limit = limit(site).orElse(Double.POSITIVE_INFINITY);
      if (Double.isFinite(least) && limit - kilowatts(s) < least) {
        binding.add(
            "power: "
                + Numbers.plain(kilowatts(s))
                + " of "
                + Numbers.plain(limit)
                + " kW at "
                + site.name()
                + ", where the smallest replica takes "
                + Numbers.plain(least));
      }
      quotaBinding(site, binding);
    }
    money(usdPerHour, usdToBuy, binding);
    return binding;
  }

  private void quotaBinding(Site site, List<String> binding) {
    double share = share(site.name());
    if (Double.isNaN(share)) {
      return;
    }
    Quota quota = situation.demand().quota().orElseThrow();
    double largest = 0;
    for (Pool pool : situation.pools()) {
      for (Lot lot : pool.lots()) {
        boolean isForeign =
            situation.site(pool) == site && PlacementModel.score(quota, lot.item(), site) < 0;
        largest =
            isForeign
                ? Math.max(largest, Situation.amount(lot.item(), quota.unit(), true))
                : largest;
      }
    }
    double[] sums = sums(site, quota);
    if (largest > 0 && sums[0] / (sums[1] + largest) <= quota.share()) {
      binding.add(
          "quota: "
              + Numbers.percent(share)
              + " domestic at "
              + site.name()
              + "; one more foreign chip would break it");
    }
  }

  private void money(double usdPerHour, double usdToBuy, List<String> binding) {
    Demand demand = situation.demand();
    double least =
        situation.columns().stream()
            .filter(column -> column.barriers().isEmpty())
            .mapToDouble(Column::usdPerHour)
            .min()
            .orElse(0);
    if (demand.usdPerHour().isPresent() && demand.usdPerHour().getAsDouble() - usdPerHour < least) {
      binding.add(
          "cost: "
              + Numbers.plain(usdPerHour)
              + " of "
              + Numbers.plain(demand.usdPerHour().getAsDouble())
              + " USD an hour");
    }
    double cheapest =
        situation.pools().stream()
            .flatMap(pool -> pool.lots().stream())
            .filter(lot -> lot.buyable() > 0 && lot.shipping().allowed())
            .mapToDouble(Lot::price)
            .filter(price -> !Double.isNaN(price))
            .min()
            .orElse(0);
    if (demand.usdToBuy().isPresent() && demand.usdToBuy().getAsDouble() - usdToBuy < cheapest) {
      binding.add(
          "purchases: "
              + Numbers.plain(usdToBuy)
              + " of "
              + Numbers.plain(demand.usdToBuy().getAsDouble())
              + " USD");
    }
  }

  /** What the constraints that were relaxed would have to be. */
  Relaxation relaxation(List<Constraint> relaxed, OptionalDouble bestShare) {
    return new Relaxation(
        relaxed.stream().map(constraint -> relaxed(constraint, bestShare)).toList());
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
        double share = Math.floor(bestShare.orElse(share(subject)) * 1000 + 1e-9) / 1000;
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
    return traffic().stream().filter(one -> one.name().equals(name)).findFirst().orElseThrow();
  }

  /** The times that the chosen replicas keep. */
  private Relaxed limits(Constraint constraint, Traffic traffic) {
    double ttft = 0;
    double tpot = 0;
    for (int k = 0; k < situation.columns().size(); k++) {
      Column column = situation.columns().get(k);
      if (traffic().get(column.traffic()) == traffic && model.replicas(solution, k) > 0) {
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
