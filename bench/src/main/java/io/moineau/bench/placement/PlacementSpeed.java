package io.moineau.bench.placement;

import io.moineau.plan.PlanException;
import io.moineau.plan.audit.Fleet;
import io.moineau.plan.capacity.Device;
import io.moineau.plan.capacity.ModelShape;
import io.moineau.plan.capacity.Models;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.placement.Demand;
import io.moineau.plan.placement.Placement;
import io.moineau.plan.placement.PlacementResult;
import io.moineau.plan.placement.Replica;
import io.moineau.plan.placement.Replicas;
import io.moineau.plan.rules.Rules;
import io.moineau.plan.solve.Effort;
import io.moineau.plan.solve.IntegerProgram;
import io.moineau.plan.solve.Solution;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Times placements of 20 workloads on 10 sites with 20 kinds of chips, the planner's estimates and
 * the search apart; with the argument {@code integers}, both searches for integer programmes on
 * coverings of growing size.
 */
public final class PlacementSpeed {
  private static final int SITES = 10;
  private static final int KINDS = 20;
  private static final int WORKLOADS = 20;
  private static final double NANO = 1e-9;
  private static final LocalDate DAY = LocalDate.parse("2026-06-01");

  private PlacementSpeed() {}

  /** Runs it. */
  public static void main(String[] args) {
    if (args.length > 0 && args[0].equals("integers")) {
      integers();
      return;
    }
    Catalogue catalogue = Catalogue.standard();
    Rules rules = Rules.standard();
    List<Chip> chips = chips(catalogue);
    List<ModelShape> models = Models.standard().subList(0, WORKLOADS);
    Map<String, Replicas.Offer> known = new ConcurrentHashMap<>();
    Replicas planned = Placement.planned(Planner.standard());
    Replicas kept =
        (traffic, chip) ->
            known.computeIfAbsent(
                traffic.model().name() + " " + chip.name(), key -> planned.of(traffic, chip));
    Demand first = Demand.parse(demand(models, new double[0]), "demand", Path.of(""), catalogue);
    long start = System.nanoTime();
    first.traffic().parallelStream()
        .forEach(traffic -> chips.forEach(chip -> kept.of(traffic, chip)));
    say("estimates of %d pairs: %.1f s", known.size(), (System.nanoTime() - start) * NANO);
    for (int perSite : new int[] {6, KINDS}) {
      for (int seed = 0; seed < 3; seed++) {
        Random random = new Random(seed);
        String fleet = fleet(chips, perSite, random);
        Fleet sites = Fleet.parse(fleet, "fleet", catalogue);
        double[] rates = rates(sites, first, kept, catalogue);
        for (double part : new double[] {0.5, 1.5}) {
          double[] wanted = new double[rates.length];
          for (int w = 0; w < wanted.length; w++) {
            wanted[w] = part * rates[w];
          }
          Demand demand = Demand.parse(demand(models, wanted), "demand", Path.of(""), catalogue);
          timed(
              perSite + " kinds at a site, " + part + " of the fleet, seed " + seed,
              () -> Placement.solve(sites, demand, catalogue, rules, kept, DAY));
        }
      }
    }
  }

  private static void timed(String name, Supplier<PlacementResult> placement) {
    long start = System.nanoTime();
    PlacementResult result = placement.get();
    double seconds = (System.nanoTime() - start) * NANO;
    say(
        "%s: %.1f s, %s",
        name,
        seconds,
        result.isFeasible()
            ? String.format(
                Locale.ROOT, "%.0f USD/h, gap %.2f %%", result.usdPerHour(), 100 * result.gap())
            : result.relaxations().size()
                + " sets of "
                + (result.relaxations().isEmpty()
                    ? "?"
                    : result.relaxations().getFirst().relaxed().size()));
  }

  private static List<Chip> chips(Catalogue catalogue) {
    List<Chip> chips = new ArrayList<>();
    for (Chip chip : catalogue.chips()) {
      try {
        if (chips.size() < KINDS && Device.of(chip).memoryBytes() >= 60e9) {
          chips.add(chip);
        }
      } catch (PlanException e) {
        // A chip that lacks figures cannot be planned for.
        continue;
      }
    }
    return chips;
  }

  private static String fleet(List<Chip> chips, int perSite, Random random) {
    StringBuilder text = new StringBuilder("moineau-fleet: 1\nsites:\n");
    for (int s = 0; s < SITES; s++) {
      text.append("  - name: site ").append(s).append("\n    country: ");
      text.append(s % 2 == 0 ? "FR" : "DE");
      text.append("\n    power_kw: ").append(perSite * 60);
      text.append("\n    usd_per_kwh: 0.").append(10 + s).append("\n    chips:\n");
      List<Chip> some = new ArrayList<>(chips);
      while (some.size() > perSite) {
        some.remove(random.nextInt(some.size()));
      }
      for (Chip chip : some) {
        text.append("      - {chip: \"").append(chip.name()).append("\", count: ");
        text.append(8 * (2 + random.nextInt(15))).append(", usd_per_hour: ");
        text.append(1 + random.nextInt(30) / 10.0).append("}\n");
      }
    }
    return text.toString();
  }

  private static String demand(List<ModelShape> models, double[] rates) {
    StringBuilder text = new StringBuilder("moineau-demand: 1\nworkloads:\n");
    for (int w = 0; w < models.size(); w++) {
      text.append("  - {name: w").append(w).append(", model: \"").append(models.get(w).name());
      text.append("\", input: 2048, output: 512, tpot: 60ms, requests_per_second: ");
      text.append(String.format(Locale.ROOT, "%.6f", rates.length == 0 ? 1 : rates[w]));
      text.append(w % 4 == 0 ? ", countries: [FR]}\n" : "}\n");
    }
    return text.toString();
  }

  /** What the fleet serves of each workload with an even part of its chips. */
  private static double[] rates(
      Fleet fleet, Demand demand, Replicas replicas, Catalogue catalogue) {
    double[] rates = new double[WORKLOADS];
    for (int w = 0; w < WORKLOADS; w++) {
      for (Fleet.Site site : fleet.sites()) {
        for (Fleet.Item item : site.items()) {
          double best = 0;
          for (Replica one :
              replicas.of(demand.traffic().get(w), catalogue.get(item.name())).choices()) {
            best = Math.max(best, one.excess() > 0 ? 0 : one.requestsPerSecond() / one.chips());
          }
          rates[w] += best * item.count().doubleValue() / WORKLOADS;
        }
      }
      rates[w] = Math.max(rates[w], 1e-3);
    }
    return rates;
  }

  private static void integers() {
    int[][] sizes = {{2, 3, 3, 1}, {3, 4, 4, 1}, {4, 5, 6, 2}, {10, 6, 20, 1}, {10, 20, 20, 1}};
    for (int[] size : sizes) {
      for (int seed = 0; seed < 3; seed++) {
        IntegerProgram program = covering(size, new Random(seed));
        long start = System.nanoTime();
        Solution own = program.search(Effort.standard());
        double seconds = (System.nanoTime() - start) * NANO;
        start = System.nanoTime();
        Solution other = program.solve(Duration.ofSeconds(20));
        double others = (System.nanoTime() - start) * NANO;
        say(
            "%d integers: search %s %.2f above %.2f in %.1f s; solve %s %.2f above %.2f in %.1f s",
            program.size(),
            own.status(),
            own.value(),
            own.bound(),
            seconds,
            other.status(),
            other.value(),
            other.bound(),
            others);
      }
    }
  }

  /** Replicas that serve demands from scarce chips and power. */
  private static IntegerProgram covering(int[] size, Random random) {
    IntegerProgram program = new IntegerProgram();
    IntegerProgram.Row cost = program.minimise("cost");
    int sites = size[0];
    int kinds = size[1];
    double[] watts = random.doubles(kinds, 300, 1000).toArray();
    double[] price = random.doubles(kinds, 1, 4).toArray();
    double[] total = new double[size[2]];
    List<IntegerProgram.Row> demands = new ArrayList<>();
    for (int w = 0; w < size[2]; w++) {
      demands.add(program.row("demand"));
    }
    for (int s = 0; s < sites; s++) {
      IntegerProgram.Row power = program.row("power");
      double kilowatts = 0;
      for (int t = 0; t < kinds; t++) {
        int chips = 8 * (1 + random.nextInt(60));
        kilowatts += chips * watts[t] / 1000;
        IntegerProgram.Row row = program.row("chips").atMost(chips);
        for (int w = 0; w < size[2]; w++) {
          for (int k = 0; k < size[3]; k++) {
            int n = 8 << k;
            double rate = n * (0.2 + random.nextDouble()) * watts[t] / 500 * (1 + 0.1 * k);
            int x = program.whole("x", 0, Math.floorDiv(chips, n));
            row.add(n, x);
            power.add(n * watts[t] / 1000, x);
            demands.get(w).add(rate, x);
            cost.add(n * (price[t] + watts[t] / 1e4 * (0.5 + 0.1 * s)), x);
            total[w] += rate * Math.floorDiv(chips, n);
          }
        }
      }
      power.atMost(0.8 * kilowatts);
    }
    for (int w = 0; w < size[2]; w++) {
      demands.get(w).atLeast(0.35 * total[w] / size[2]);
    }
    return program;
  }

  private static void say(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
