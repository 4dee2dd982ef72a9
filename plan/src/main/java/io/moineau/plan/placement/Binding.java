package io.moineau.plan.placement;

import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.placement.Demand.Quota;
import io.moineau.plan.placement.PlacementResult.Stock;
import io.moineau.plan.placement.Situation.Column;
import io.moineau.plan.placement.Situation.Lot;
import io.moineau.plan.placement.Situation.Pool;
import java.util.ArrayList;
import java.util.List;

/** Constraints that leave no room for one more replica, or one more chip. */
final class Binding {
  private final Situation situation;
  private final Outcome outcome;

  Binding(Situation situation, Outcome outcome) {
    this.situation = situation;
    this.outcome = outcome;
  }

  /** A line for each of them. */
  List<String> of(double usdPerHour, double usdToBuy) {
    List<String> binding = new ArrayList<>();
    for (Stock stock : outcome.stock()) {
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
      double limit = Outcome.limit(site).orElse(Double.POSITIVE_INFINITY);
      if (Double.isFinite(least) && limit - outcome.kilowatts(s) < least) {
        binding.add(
            "power: "
                + Numbers.plain(outcome.kilowatts(s))
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
    double share = outcome.share(site.name());
    if (Double.isNaN(share)) {
      return;
    }
    Quota quota = situation.demand().quota().orElseThrow();
    double largest = 0;
    for (Pool pool : situation.pools()) {
      for (Lot lot : pool.lots()) {
        boolean isForeign =
            situation.site(pool).equals(site) && PlacementModel.score(quota, lot.item(), site) < 0;
        largest =
            isForeign
                ? Math.max(largest, Situation.amount(lot.item(), quota.unit(), true))
                : largest;
      }
    }
    double[] sums = outcome.sums(site, quota);
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
}
