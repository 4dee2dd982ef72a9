package io.moineau.plan.placement;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.placement.Constraint.Kind;
import io.moineau.plan.placement.Demand.Quota;
import io.moineau.plan.placement.Demand.Traffic;
import io.moineau.plan.placement.Situation.Column;
import io.moineau.plan.placement.Situation.Lot;
import io.moineau.plan.placement.Situation.Pool;
import io.moineau.plan.solve.Effort;
import io.moineau.plan.solve.IntegerProgram;
import io.moineau.plan.solve.IntegerProgram.Row;
import io.moineau.plan.solve.Solution;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The mixed-integer programme of a placement.
 *
 * <p>Whole unknowns: replicas of each column, chips that are bought and taken away of each lot.
 * Real unknowns: the part of each traffic that is not served. Objectives in their order: what is
 * not served, by priority; cost; power.
 *
 * <p>The elastic form lets every constraint be broken, each behind a switch of its own, and asks
 * for the fewest switches, then for the least breach. Its solutions are the smallest sets of
 * constraints to relax.
 */
final class PlacementModel {
  private static final int FEW = 400; // columns
  private static final double WORK_OF_NUMBER = 2000;
  private static final double WHOLE_DEMAND = 100; // rows of demand are in per cent

  private final Situation situation;
  private final boolean isElastic;
  private final boolean isSoft; // nothing has to be served
  private final IntegerProgram program = new IntegerProgram();
  private final Switches switches = new Switches(program);
  private final Map<String, Double> shares; // by site, instead of the quota's
  private final List<Row> domestic = new ArrayList<>(); // domestic less share of all, by quota
  private final int[] replicas;
  private final int[] unserved;
  private final int[][] bought;
  private final int[][] removed;
  private final int[] extra;

  private PlacementModel(Situation situation, boolean isElastic, Map<String, Double> shares) {
    this(situation, isElastic, shares, false);
  }

  private PlacementModel(
      Situation situation, boolean isElastic, Map<String, Double> shares, boolean isSoft) {
    this.situation = situation;
    this.isSoft = isSoft;
    this.isElastic = isElastic;
    this.shares = shares;
    replicas = new int[situation.columns().size()];
    unserved = new int[situation.demand().traffic().size()];
    int pools = situation.pools().size();
    bought = new int[pools][];
    removed = new int[pools][];
    extra = new int[pools];
    columns();
    chips();
    demand();
    power();
    money();
    quota();
    if (isElastic) {
      barriers();
    }
  }

  /** With every constraint, for what is served. */
  static PlacementModel ofService(Situation situation) {
    PlacementModel model = new PlacementModel(situation, false, Map.of());
    model.service();
    return model;
  }

  /**
   * For what is served, of which nothing has to be: a search of this has a solution from the first
   * moment, and where it serves enough, {@link #ofCost} has one to begin with.
   */
  static PlacementModel ofSoftService(Situation situation) {
    PlacementModel model = new PlacementModel(situation, false, Map.of(), true);
    Row row = model.program.minimise("not served");
    for (int unserved : model.unserved) {
      row.add(1, unserved);
    }
    return model;
  }

  /** With every constraint, for cost, then power, of what is served as it is. */
  static PlacementModel ofCost(Situation situation, double[] unserved) {
    PlacementModel model = new PlacementModel(situation, false, Map.of());
    for (int w = 0; w < unserved.length; w++) {
      model.program.row("served as before").add(1, model.unserved[w]).atMost(unserved[w] + 1e-6);
    }
    model.cost(model.program.minimise("cost"));
    Row power = model.program.minimise("power");
    for (int k = 0; k < model.replicas.length; k++) {
      power.add(situation.columns().get(k).kilowatts(), model.replicas[k]);
    }
    return model;
  }

  /** With every constraint, at other shares for some sites, for the most above these shares. */
  static PlacementModel ofShare(Situation situation, Map<String, Double> shares) {
    PlacementModel model = new PlacementModel(situation, false, shares);
    Row row = model.program.minimise("foreign");
    model.domestic.forEach(one -> row.addAll(-1, one));
    return model;
  }

  /** With a switch for every constraint, and sets of switches that may not all be used again. */
  static PlacementModel elastic(Situation situation, List<Set<String>> known) {
    PlacementModel model = new PlacementModel(situation, true, Map.of());
    model.switches.minimise(known);
    return model;
  }

  /**
   * Solves it.
   *
   * @param effort at least; a large fleet needs more for each step
   */
  Solution search(Effort effort) {
    double least = WORK_OF_NUMBER * program.size() * program.rows();
    return program.search(effort.withWork(Math.max(effort.work(), least)), start());
  }

  /** The same from a solution of a model with the same unknowns. */
  Solution search(Effort effort, Solution begin) {
    double least = WORK_OF_NUMBER * program.size() * program.rows();
    return program.search(effort.withWork(Math.max(effort.work(), least)), begin.values());
  }

  /** Nothing is served, bought or taken away: within all constraints, but those of the switches. */
  private double[] start() {
    double[] start = new double[program.size()];
    if (isElastic) {
      switches.none(start);
    }
    if (isSoft) {
      for (int one : unserved) {
        start[one] = WHOLE_DEMAND;
      }
    }
    return start;
  }

  private void columns() {
    for (int k = 0; k < replicas.length; k++) {
      Column column = situation.columns().get(k);
      Traffic traffic = situation.demand().traffic().get(column.traffic());
      double enough = Math.ceil(traffic.requestsPerSecond() / column.replica().requestsPerSecond());
      double most = Math.max(enough, traffic.leastReplicas().orElse(0));
      if (!isElastic) {
        long chips = situation.pools().get(column.pool()).most();
        most = Math.min(most, Math.floorDiv(chips, column.replica().chips()));
        most = column.barriers().isEmpty() ? most : 0;
      }
      replicas[k] = program.whole("replicas " + k, 0, most);
    }
  }

  private void chips() {
    List<Pool> pools = situation.pools();
    for (int p = 0; p < pools.size(); p++) {
      Pool pool = pools.get(p);
      Site site = situation.site(pool);
      Row row = program.row("chips of " + pool.chip() + " at " + site.name());
      bought[p] = new int[pool.lots().size()];
      removed[p] = new int[pool.lots().size()];
      extra[p] = -1;
      boolean isQuota = isUnderQuota(site);
      for (int i = 0; i < pool.lots().size(); i++) {
        Lot lot = pool.lots().get(i);
        boolean mayBuy = lot.buyable() > 0 && (isElastic || lot.shipping().allowed());
        bought[p][i] = mayBuy ? program.whole("bought", 0, lot.buyable()) : -1;
        removed[p][i] =
            isQuota && lot.removable() > 0 ? program.whole("removed", 0, lot.removable()) : -1;
        if (bought[p][i] >= 0) {
          row.add(-1, bought[p][i]);
          if (!lot.shipping().allowed()) {
            switches.bar(shipping(lot, site), bought[p][i], lot.buyable());
          }
        }
        if (removed[p][i] >= 0) {
          row.add(1, removed[p][i]);
        }
      }
      for (int k = 0; k < replicas.length; k++) {
        Column column = situation.columns().get(k);
        if (column.pool() == p) {
          row.add(column.replica().chips(), replicas[k]);
        }
      }
      if (isElastic) {
        double most = mostExtra(p);
        if (most > 0) {
          Lot last = pool.lots().getLast();
          Constraint constraint =
              new Constraint(Kind.CHIPS, pool.chip() + " at " + site.name(), "chips there");
          extra[p] = switches.breach(constraint, most, Math.max(pool.most(), 8), true);
          row.add(-1, extra[p]);
          if (!last.shipping().allowed()) {
            switches.bar(shipping(last, site), extra[p], Math.ceil(most));
          }
        }
      }
      row.atMost(pool.held());
    }
  }

  private static Constraint shipping(Lot lot, Site site) {
    return new Constraint(
        Kind.SHIPPING,
        lot.item().name() + " to " + site.country(),
        lot.shipping().verdict().words()
            + (lot.shipping().reason().isEmpty() ? "" : ": " + lot.shipping().reason()));
  }

  private void demand() {
    for (int w = 0; w < unserved.length; w++) {
      Traffic traffic = situation.demand().traffic().get(w);
      double free = isSoft ? WHOLE_DEMAND : WHOLE_DEMAND * (1 - traffic.least());
      unserved[w] = program.real("not served of " + traffic.name(), 0, free);
      Row row = program.row("demand of " + traffic.name()).add(1, unserved[w]);
      Row count = program.row("replicas of " + traffic.name());
      for (int k = 0; k < replicas.length; k++) {
        Column column = situation.columns().get(k);
        if (column.traffic() == w) {
          double part = column.replica().requestsPerSecond() / traffic.requestsPerSecond();
          row.add(WHOLE_DEMAND * part, replicas[k]);
          count.add(1, replicas[k]);
        }
      }
      count.atLeast(traffic.leastReplicas().orElse(0));
      count.atMost(traffic.mostReplicas().orElse(Integer.MAX_VALUE));
      if (isElastic) {
        Constraint constraint = new Constraint(Kind.DEMAND, traffic.name(), "what must be served");
        row.add(1, switches.breach(constraint, WHOLE_DEMAND - free, WHOLE_DEMAND, false));
        relaxCount(traffic, count);
      }
      row.atLeast(WHOLE_DEMAND);
    }
  }

  private void relaxCount(Traffic traffic, Row count) {
    Constraint constraint = new Constraint(Kind.REPLICAS, traffic.name(), "how many replicas");
    if (traffic.leastReplicas().isPresent()) {
      double least = traffic.leastReplicas().getAsInt();
      count.add(1, switches.breach(constraint, least, Math.max(least, 1), true));
    }
    if (traffic.mostReplicas().isPresent()) {
      double most = 0;
      for (Column column : situation.columns()) {
        most += high(column);
      }
      count.add(-1, switches.breach(constraint, most, traffic.mostReplicas().getAsInt(), true));
    }
  }

  private void power() {
    for (int s = 0; s < situation.fleet().sites().size(); s++) {
      Site site = situation.fleet().sites().get(s);
      if (site.powerKw().isEmpty()) {
        continue;
      }
      double limit = site.powerKw().get().doubleValue();
      Row row = program.row("power of " + site.name());
      double most = 0;
      for (int k = 0; k < replicas.length; k++) {
        Column column = situation.columns().get(k);
        if (situation.pools().get(column.pool()).site() == s) {
          row.add(column.kilowatts(), replicas[k]);
          most += isElastic ? column.kilowatts() * high(column) : 0;
        }
      }
      if (isElastic && most > 0) {
        Constraint constraint = new Constraint(Kind.POWER, site.name(), "power there");
        row.add(-1, switches.breach(constraint, most, limit, false));
      }
      row.atMost(limit);
    }
  }

  private double high(Column column) {
    Traffic traffic = situation.demand().traffic().get(column.traffic());
    return Math.ceil(traffic.requestsPerSecond() / column.replica().requestsPerSecond());
  }

  /** Adds what everything costs in an hour. */
  private void cost(Row row) {
    for (int k = 0; k < replicas.length; k++) {
      row.add(situation.columns().get(k).usdPerHour(), replicas[k]);
    }
    purchases(row, 1 / situation.writeOffHours());
  }

  private void purchases(Row row, double factor) {
    for (int p = 0; p < bought.length; p++) {
      List<Lot> lots = situation.pools().get(p).lots();
      for (int i = 0; i < lots.size(); i++) {
        double price = lots.get(i).price();
        if (bought[p][i] >= 0 && !Double.isNaN(price)) {
          row.add(price * factor, bought[p][i]);
        }
      }
      double price = lots.getLast().price();
      if (extra[p] >= 0 && !Double.isNaN(price)) {
        row.add(price * factor, extra[p]);
      }
    }
  }

  private void money() {
    Demand demand = situation.demand();
    if (demand.usdPerHour().isPresent()) {
      Row row = program.row("cost");
      cost(row);
      double limit = demand.usdPerHour().getAsDouble();
      if (isElastic) {
        Constraint constraint = new Constraint(Kind.COST, "", "cost");
        row.add(-1, switches.breach(constraint, mostCost(), limit, false));
      }
      row.atMost(limit);
    }
    if (demand.usdToBuy().isPresent()) {
      // In thousands: sums and counts of chips then lie in the same range.
      Row row = program.row("purchases");
      purchases(row, 1e-3);
      double limit = demand.usdToBuy().getAsDouble() / 1000;
      if (isElastic) {
        Constraint constraint = new Constraint(Kind.BUYING, "", "purchases");
        row.add(-1, switches.breach(constraint, mostPurchases() / 1000, limit, false));
      }
      row.atMost(limit);
    }
  }

  /** More than anything costs in an hour: tight bounds keep switches honest. */
  private double mostCost() {
    double most = mostPurchases() / situation.writeOffHours();
    for (int w = 0; w < unserved.length; w++) {
      double dearest = 0;
      for (Column column : situation.columns()) {
        if (column.traffic() == w) {
          dearest = Math.max(dearest, column.usdPerHour() * high(column));
        }
      }
      most += dearest;
    }
    return most;
  }

  private double mostPurchases() {
    double most = 0;
    for (int p = 0; p < extra.length; p++) {
      for (Lot lot : situation.pools().get(p).lots()) {
        double price = Double.isNaN(lot.price()) ? 0 : lot.price();
        most += price * (lot.buyable() + mostExtra(p));
      }
    }
    return most;
  }

  /** The most chips of a pool, beyond all bounds, that could be of use. */
  private double mostExtra(int pool) {
    double most = 0;
    for (int w = 0; w < unserved.length; w++) {
      most += situation.chipsForAll(w, pool).orElse(0);
    }
    return most;
  }

  private boolean isUnderQuota(Site site) {
    return situation
        .demand()
        .quota()
        .filter(quota -> quota.country().equals(site.country()))
        .isPresent();
  }

  private void quota() {
    for (int s = 0; s < situation.fleet().sites().size(); s++) {
      Site site = situation.fleet().sites().get(s);
      if (isUnderQuota(site)) {
        quota(s, site, situation.demand().quota().orElseThrow());
      }
    }
  }

  /** What one chip adds to the sum that must not be below zero. */
  static double score(Quota quota, Item item, Site site) {
    return score(quota, quota.share(), item, site);
  }

  private static double score(Quota quota, double share, Item item, Site site) {
    if (!quota.counts(item)) {
      return 0;
    }
    boolean isDomestic = quota.meaning().domestic(item, site.country()) == Truth.YES;
    double amount = Situation.amount(item, quota.unit(), !isDomestic);
    return amount * (isDomestic ? 1 - share : -share);
  }

  private void quota(int s, Site site, Quota quota) {
    double share = shares.getOrDefault(site.name(), quota.share());
    Row row = program.row("quota of " + site.name());
    double constant = 0;
    double largest = 0;
    double whole = 0;
    for (Item item : site.items()) {
      double score = score(quota, share, item, site);
      constant += score * item.count().doubleValue();
      largest = item.count().signum() > 0 ? Math.max(largest, Math.abs(score)) : largest;
      whole += Math.abs(score) * item.count().doubleValue();
    }
    for (Item item : site.mayAdd().stream().map(offer -> offer.item()).toList()) {
      double score = score(quota, share, item, site);
      largest = item.count().signum() > 0 ? Math.max(largest, Math.abs(score)) : largest;
    }
    if (largest == 0) {
      return; // nothing that counts is there or can be
    }
    double most = 0;
    for (int p = 0; p < bought.length; p++) {
      Pool pool = situation.pools().get(p);
      if (pool.site() != s) {
        continue;
      }
      for (int i = 0; i < pool.lots().size(); i++) {
        double score = score(quota, share, pool.lots().get(i).item(), site) / largest;
        if (bought[p][i] >= 0) {
          row.add(score, bought[p][i]);
          most += Math.abs(score) * pool.lots().get(i).buyable();
        }
        if (removed[p][i] >= 0) {
          row.add(-score, removed[p][i]);
          most += Math.abs(score) * pool.lots().get(i).removable();
        }
        if (extra[p] >= 0 && i == pool.lots().size() - 1) {
          row.add(score, extra[p]);
          most += Math.abs(score) * mostExtra(p);
        }
      }
    }
    // More than a share, in steps of whole chips: a thousandth of the largest chip is above zero.
    boolean isGiven = shares.containsKey(site.name());
    double least = (quota.orEqual() || isGiven ? 0 : 1e-3) - constant / largest;
    if (isGiven) {
      domestic.add(row);
    }
    if (isElastic) {
      Constraint constraint = new Constraint(Kind.QUOTA, site.name(), quota.text());
      row.add(
          1,
          switches.breach(
              constraint, most + whole / largest + 1, Math.max(1, whole / largest), false));
    }
    row.atLeast(least);
  }

  /** Columns that break something, behind its switch. */
  private void barriers() {
    for (int k = 0; k < replicas.length; k++) {
      Column column = situation.columns().get(k);
      Traffic traffic = situation.demand().traffic().get(column.traffic());
      double most = Math.max(high(column), traffic.leastReplicas().orElse(0));
      for (Constraint barrier : column.barriers()) {
        // A row for each column bounds better; in a large fleet it makes too many of them.
        if (replicas.length <= FEW) {
          switches.bar(barrier, replicas[k], most);
        } else {
          switches.barTogether(barrier, replicas[k], most);
        }
        if (barrier.kind() == Kind.LIMITS) {
          double part = column.replica().requestsPerSecond() / traffic.requestsPerSecond();
          switches.weigh(replicas[k], column.replica().excess() * part);
        }
      }
    }
  }

  private void service() {
    Set<Integer> priorities = new TreeSet<>();
    List<Traffic> traffic = situation.demand().traffic();
    for (Traffic one : traffic) {
      if (one.least() < 1) {
        priorities.add(one.priority());
      }
    }
    for (int priority : priorities) {
      Row row = program.minimise("not served");
      for (int w = 0; w < unserved.length; w++) {
        if (traffic.get(w).priority() == priority) {
          row.add(1, unserved[w]);
        }
      }
    }
  }

  /** What is not served of each traffic, in per cent. */
  double[] unserved(Solution solution) {
    double[] parts = new double[unserved.length];
    for (int w = 0; w < parts.length; w++) {
      parts[w] = solution.of(unserved[w]);
    }
    return parts;
  }

  /** Constraints whose switches are on. */
  List<Constraint> relaxed(Solution solution) {
    return switches.relaxed(solution);
  }

  /** By how much a constraint is broken. */
  double breach(Solution solution, Constraint constraint) {
    return switches.breach(solution, constraint);
  }

  long replicas(Solution solution, int column) {
    return solution.whole(replicas[column]);
  }

  /** Chips of a lot that are bought, those beyond all bounds included. */
  long bought(Solution solution, int pool, int lot) {
    long count = bought[pool][lot] < 0 ? 0 : solution.whole(bought[pool][lot]);
    boolean isLast = lot == bought[pool].length - 1;
    return isLast && extra[pool] >= 0 ? count + solution.whole(extra[pool]) : count;
  }

  long removed(Solution solution, int pool, int lot) {
    return removed[pool][lot] < 0 ? 0 : solution.whole(removed[pool][lot]);
  }
}
