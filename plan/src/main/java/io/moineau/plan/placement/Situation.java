package io.moineau.plan.placement;

import io.moineau.plan.audit.Fleet;
import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Offer;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Precision;
import io.moineau.plan.placement.Constraint.Kind;
import io.moineau.plan.placement.Permissions.Permission;
import io.moineau.plan.rules.Rules;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/**
 * A fleet and a demand as numbers: chips by site, and the replicas that may be put on them.
 *
 * @param pools chips of one kind at one site
 * @param columns replicas of some traffic on a pool, as many as are wanted of each
 * @param reasons by traffic: why chips have no replica of it
 * @param remarks what was taken for granted
 */
record Situation(
    Fleet fleet,
    Demand demand,
    LocalDate date,
    List<Pool> pools,
    List<Column> columns,
    Map<String, List<String>> reasons,
    List<String> remarks) {
  /**
   * Chips that are counted, and priced, alike.
   *
   * @param held how many there are
   * @param removable how many of them may be taken away
   * @param buyable how many more may be bought, rules aside
   * @param shipping whether the rules let them be bought
   * @param price of one to buy; NaN where it is not known
   */
  record Lot(
      Item item, long held, long removable, long buyable, Permission shipping, double price) {}

  /**
   * Chips of one kind at one site.
   *
   * @param usdPerHour of one in use
   */
  record Pool(int site, String chip, List<Lot> lots, double usdPerHour) {
    long held() {
      return lots.stream().mapToLong(Lot::held).sum();
    }

    /** The most there can be within what is allowed. */
    long most() {
      return held() + lots.stream().mapToLong(l -> l.shipping().allowed() ? l.buyable() : 0).sum();
    }
  }

  /**
   * Replicas of some traffic on a pool.
   *
   * @param traffic index of it
   * @param pool index of it
   * @param kilowatts of one
   * @param usdPerHour of one
   * @param barriers constraints that it breaks
   */
  record Column(
      int traffic,
      int pool,
      Replica replica,
      double kilowatts,
      double usdPerHour,
      List<Constraint> barriers) {}

  Site site(Pool pool) {
    return fleet.sites().get(pool.site());
  }

  /** Hours over which purchases are spread. */
  double writeOffHours() {
    return demand.writeOffYears() * 8760;
  }

  /** Reads everything that has to be known before solving. */
  static Situation of(
      Fleet fleet,
      Demand demand,
      LocalDate date,
      Catalogue catalogue,
      Rules rules,
      Replicas replicas) {
    check(fleet, demand);
    Permissions permissions = new Permissions(demand, catalogue, rules, date);
    List<String> remarks = new ArrayList<>();
    List<Pool> pools = pools(fleet, demand, permissions, remarks);
    Map<String, List<String>> reasons = new LinkedHashMap<>();
    List<Column> columns = columns(fleet, demand, pools, permissions, catalogue, replicas, reasons);
    remarks.addAll(permissions.remarks());
    return new Situation(fleet, demand, date, pools, columns, reasons, List.copyOf(remarks));
  }

  /** What can never be, whatever is bought. */
  private static void check(Fleet fleet, Demand demand) {
    List<String> countries = fleet.sites().stream().map(Site::country).distinct().toList();
    for (Demand.Traffic traffic : demand.traffic()) {
      if (countries.stream().noneMatch(traffic::mayBeIn)) {
        throw DemandReader.contradiction(
            traffic.place() + ", workload " + traffic.name(),
            "its data may be in "
                + String.join(", ", traffic.countries())
                + ", and the sites are in "
                + String.join(", ", countries));
      }
    }
    demand.quota().ifPresent(quota -> checkUnit(fleet, quota));
    demand
        .quota()
        .filter(quota -> !countries.contains(quota.country()))
        .ifPresent(quota -> {
          throw DemandReader.contradiction(
              quota.place(),
              "the quota is for sites in "
                  + quota.country()
                  + ", and the sites are in "
                  + String.join(", ", countries));
        });
  }

  /** A share needs an amount of everything that it counts. */
  private static void checkUnit(Fleet fleet, Demand.Quota quota) {
    for (Site site : fleet.sites()) {
      List<Item> items = new ArrayList<>(site.items());
      site.mayAdd().forEach(offer -> items.add(offer.item()));
      for (Item item : items) {
        boolean isMissing =
            switch (quota.unit()) {
              case "value" -> item.price().isEmpty();
              case "TB" -> item.terabytes().isEmpty();
              case "chips" -> false;
              default -> item.peaks().isEmpty();
            };
        if (isMissing && quota.counts(item) && site.country().equals(quota.country())) {
          throw DemandReader.contradiction(
              quota.place(),
              "the quota counts by "
                  + quota.unit()
                  + ", which is not known of "
                  + item.name()
                  + " at "
                  + site.name());
        }
      }
    }
  }

  private static List<Pool> pools(
      Fleet fleet, Demand demand, Permissions permissions, List<String> remarks) {
    List<Pool> pools = new ArrayList<>();
    for (int s = 0; s < fleet.sites().size(); s++) {
      Site site = fleet.sites().get(s);
      Map<String, List<Lot>> lots = new LinkedHashMap<>();
      Map<String, Double> prices = new LinkedHashMap<>();
      for (Item item : site.items()) {
        if (!item.storage()) {
          Lot lot =
              new Lot(
                  item,
                  item.count().longValue(),
                  item.mayRemove().longValue(),
                  0,
                  permissions.shipping(site, item.name(), Optional.empty()),
                  price(item));
          add(lots, prices, lot, site, remarks);
        }
      }
      for (Offer offer : site.mayAdd()) {
        Item item = offer.item();
        Lot lot =
            new Lot(
                item,
                0,
                0,
                item.count().longValue(),
                permissions.shipping(site, item.name(), Optional.of(offer)),
                price(item));
        if (demand.usdToBuy().isPresent() && Double.isNaN(lot.price())) {
          throw DemandReader.contradiction(
              demand.file(),
              "usd_to_buy bounds what is bought, and "
                  + item.name()
                  + " of may_add at "
                  + site.name()
                  + " has no price");
        }
        add(lots, prices, lot, site, remarks);
      }
      int index = s;
      lots.forEach((chip, all) ->
          pools.add(new Pool(index, chip, List.copyOf(all), prices.getOrDefault(chip, 0.0))));
    }
    return List.copyOf(pools);
  }

  private static double price(Item item) {
    return item.price()
        .map(figure -> figure.value().orElse(figure.high()).doubleValue())
        .orElse(Double.NaN);
  }

  private static void add(
      Map<String, List<Lot>> lots,
      Map<String, Double> prices,
      Lot lot,
      Site site,
      List<String> remarks) {
    String chip = lot.item().name();
    lots.computeIfAbsent(chip, key -> new ArrayList<>()).add(lot);
    lot.item()
        .usdPerHour()
        .ifPresent(usd -> {
          Double other = prices.put(chip, usd.doubleValue());
          if (other != null && other != usd.doubleValue()) {
            double most = Math.max(other, usd.doubleValue());
            prices.put(chip, most);
            remarks.add(chip + " at " + site.name() + " has two prices an hour: the higher counts");
          }
        });
  }

  private record Pair(int traffic, String chip) {}

  private static List<Column> columns(
      Fleet fleet,
      Demand demand,
      List<Pool> pools,
      Permissions permissions,
      Catalogue catalogue,
      Replicas replicas,
      Map<String, List<String>> reasons) {
    List<String> chips = pools.stream().map(Pool::chip).distinct().toList();
    List<Pair> pairs = new ArrayList<>();
    for (int w = 0; w < demand.traffic().size(); w++) {
      for (String chip : chips) {
        pairs.add(new Pair(w, chip));
      }
    }
    List<Replicas.Offer> found =
        IntStream.range(0, pairs.size())
            .parallel()
            .mapToObj(i ->
                replicas.of(
                    demand.traffic().get(pairs.get(i).traffic()),
                    catalogue.get(pairs.get(i).chip())))
            .toList();
    for (int i = 0; i < pairs.size(); i++) {
      if (found.get(i).choices().isEmpty()) {
        reasons
            .computeIfAbsent(
                demand.traffic().get(pairs.get(i).traffic()).name(), key -> new ArrayList<>())
            .addAll(found.get(i).reasons());
      }
    }
    List<Column> columns = new ArrayList<>();
    for (int w = 0; w < demand.traffic().size(); w++) {
      Demand.Traffic traffic = demand.traffic().get(w);
      for (int p = 0; p < pools.size(); p++) {
        Pool pool = pools.get(p);
        Site site = fleet.sites().get(pool.site());
        List<Constraint> barriers = barriers(traffic, site, pool.chip(), permissions);
        for (Replica replica : found.get(w * chips.size() + chips.indexOf(pool.chip())).choices()) {
          Optional<Column> column = column(w, p, site, pool, traffic, replica, barriers);
          column.ifPresentOrElse(
              columns::add,
              () ->
                  reasons
                      .computeIfAbsent(traffic.name(), key -> new ArrayList<>())
                      .add(
                          pool.chip()
                              + ": its power is not known, and "
                              + site.name()
                              + " has a limit or a price of it"));
        }
      }
    }
    return List.copyOf(columns);
  }

  private static List<Constraint> barriers(
      Demand.Traffic traffic, Site site, String chip, Permissions permissions) {
    List<Constraint> barriers = new ArrayList<>();
    if (!traffic.mayBeIn(site.country())) {
      barriers.add(
          new Constraint(
              Kind.COUNTRY,
              traffic.name() + " in " + site.country(),
              "data of " + traffic.name() + " may not be in " + site.country()));
    }
    Permission renting = permissions.renting(traffic, site, chip);
    if (!renting.allowed()) {
      String use = traffic.endUserHq().orElse("") + " of " + chip + " in " + site.country();
      barriers.add(
          new Constraint(
              Kind.RENTING,
              "remote use from " + use,
              renting.verdict().words()
                  + (renting.reason().isEmpty() ? "" : ": " + renting.reason())));
    }
    return barriers;
  }

  private static Optional<Column> column(
      int w,
      int p,
      Site site,
      Pool pool,
      Demand.Traffic traffic,
      Replica replica,
      List<Constraint> barriers) {
    boolean isPowerAsked = site.powerKw().isPresent() || site.usdPerKwh().isPresent();
    if (isPowerAsked && Double.isNaN(replica.watts())) {
      return Optional.empty();
    }
    List<Constraint> all = new ArrayList<>(barriers);
    if (replica.excess() > 0) {
      all.add(new Constraint(Kind.LIMITS, traffic.name(), "TTFT and TPOT of " + traffic.name()));
    }
    double kilowatts = Double.isNaN(replica.watts()) ? 0 : replica.watts() / 1000;
    double energy = kilowatts * site.usdPerKwh().map(Number::doubleValue).orElse(0.0);
    return Optional.of(
        new Column(
            w,
            p,
            replica,
            kilowatts,
            replica.chips() * pool.usdPerHour() + energy,
            List.copyOf(all)));
  }

  /** The least chips of a pool that serve all of some traffic; empty where none does. */
  OptionalDouble chipsForAll(int traffic, int pool) {
    double rate = demand.traffic().get(traffic).requestsPerSecond();
    return columns.stream()
        .filter(column -> column.traffic() == traffic && column.pool() == pool)
        .mapToDouble(column ->
            column.replica().chips() * Math.ceil(rate / column.replica().requestsPerSecond()))
        .min();
  }

  /** What one chip counts in a unit of the quota, at its lowest or highest. */
  static double amount(Item item, String unit, boolean isHigh) {
    Optional<Figure> figure =
        switch (unit) {
          case "chips" -> Optional.empty();
          case "value" -> item.price();
          default -> Optional.ofNullable(item.peaks().get(precision(unit)));
        };
    if (unit.equals("TB")) {
      return item.terabytes().map(Number::doubleValue).orElse(0.0);
    }
    return unit.equals("chips")
        ? 1
        : figure.map(f -> (isHigh ? f.high() : f.low()).doubleValue()).orElse(0.0);
  }

  private static Precision precision(String unit) {
    return Precision.valueOf(unit.toUpperCase(Locale.ROOT));
  }
}
