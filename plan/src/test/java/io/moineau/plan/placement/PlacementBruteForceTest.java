package io.moineau.plan.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.audit.Fleet;
import io.moineau.plan.capacity.Range;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.placement.PlacementResult.Relaxation;
import io.moineau.plan.placement.PlacementResult.Relaxed;
import io.moineau.plan.rules.Rules;
import io.moineau.plan.solve.Effort;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Small fleets whose every placement is tried, against what is solved. */
class PlacementBruteForceTest {
  private static final Catalogue CHIPS = Catalogue.standard();
  private static final Rules RULES = Rules.standard();
  private static final String[] NAMES = {"H20 96GB", "Ascend 910B2"};

  /** Two sites with two kinds of chips, and two workloads. */
  private static final class Small {
    private final int[][] held = new int[2][2];
    private final int[][] removable = new int[2][2];
    private final int[] buyable = new int[2]; // of the second kind, by site
    private final double[] power = new double[2];
    private final double[][] price = new double[2][2];
    private final int[][] size = new int[2][2]; // [workload, kind]
    private final double[][] rate = new double[2][2];
    private final double[] wanted = new double[2];
    private final double cost;
    private final double share;
    private final double toBuy = 8760 * 4; // one dollar an hour, written off in four years

    Small(Random random) {
      for (int s = 0; s < 2; s++) {
        buyable[s] = random.nextInt(3);
        power[s] = 1.5 + random.nextInt(6) * 0.5;
        wanted[s] = 1 + random.nextInt(8);
        for (int t = 0; t < 2; t++) {
          held[s][t] = random.nextInt(5);
          removable[s][t] = random.nextInt(held[s][t] + 1);
          price[s][t] = 1 + random.nextInt(8) * 0.5;
          size[s][t] = 1 + random.nextInt(2);
          rate[s][t] = (1 + random.nextInt(8)) * 0.75;
        }
      }
      cost = 5 + random.nextInt(30);
      share = 0.3 + 0.1 * random.nextInt(4);
    }

    double watts(int kind) {
      return kind == 0 ? 500 : 400;
    }

    String fleet() {
      StringBuilder text = new StringBuilder("moineau-fleet: 1\nsites:\n");
      for (int s = 0; s < 2; s++) {
        text.append("  - name: site ").append(s).append("\n    country: CN\n    power_kw: ");
        text.append(power[s]).append("\n    chips:\n");
        for (int t = 0; t < 2; t++) {
          text.append("      - {chip: ").append(NAMES[t]).append(", count: ").append(held[s][t]);
          text.append(", may_remove: ").append(removable[s][t]);
          text.append(", usd_per_hour: ").append(price[s][t]).append("}\n");
        }
        text.append("    may_add:\n      - {chip: ").append(NAMES[1]).append(", most: ");
        text.append(buyable[s]).append(", price: ").append(toBuy).append("}\n");
      }
      return text.toString();
    }

    String demand() {
      StringBuilder text = new StringBuilder("moineau-demand: 1\ndate: 2026-06-01\n");
      text.append("budget: {usd_per_hour: ").append(cost).append("}\n");
      text.append("quota: {country: CN, share: ").append(String.format(Locale.ROOT, "%.1f", share));
      text.append("}\nworkloads:\n");
      for (int w = 0; w < 2; w++) {
        text.append("  - {name: w").append(w).append(", model: qwen3-8b, input: 100, output: 50,");
        text.append(" requests_per_second: ").append(wanted[w]).append("}\n");
      }
      return text.toString();
    }

    Replicas replicas() {
      return (traffic, chip) -> {
        int w = traffic.name().equals("w0") ? 0 : 1;
        int t = chip.name().equals(NAMES[0]) ? 0 : 1;
        Range one = Range.around(0.1, 1.1);
        return new Replicas.Offer(
            List.of(
                new Replica(
                    "fp8", "TP", size[w][t], rate[w][t], size[w][t] * watts(t), one, one, 0)),
            List.of());
      };
    }

    /** The least cost of all placements; infinite where there is none. */
    double least() {
      double best = Double.POSITIVE_INFINITY;
      // Replicas [site, kind, workload] as digits, site after site: what each site may do alone.
      List<double[]> first = site(0);
      List<double[]> second = site(1);
      for (double[] a : first) {
        for (double[] b : second) {
          boolean isServed = a[0] + b[0] >= wanted[0] - 1e-9 && a[1] + b[1] >= wanted[1] - 1e-9;
          double sum = a[2] + b[2];
          best = isServed && sum <= cost + 1e-9 ? Math.min(best, sum) : best;
        }
      }
      return best;
    }

    /** Requests of each workload, and cost, of everything that a site may do. */
    private List<double[]> site(int s) {
      List<double[]> all = new ArrayList<>();
      for (int bought = 0; bought <= buyable[s]; bought++) {
        for (int r0 = 0; r0 <= removable[s][0]; r0++) {
          for (int r1 = 0; r1 <= removable[s][1]; r1++) {
            int foreign = held[s][0] - r0;
            int domestic = held[s][1] - r1 + bought;
            boolean isUnder = held[s][0] + held[s][1] + buyable[s] > 0;
            if (isUnder && !(domestic > share * (domestic + foreign) + 1e-9)) {
              continue;
            }
            replicas(s, foreign, domestic, bought, all);
          }
        }
      }
      return all;
    }

    private void replicas(int s, int foreign, int domestic, int bought, List<double[]> all) {
      for (int a = 0; a * size[0][0] <= foreign; a++) {
        for (int b = 0; a * size[0][0] + b * size[1][0] <= foreign; b++) {
          for (int c = 0; c * size[0][1] <= domestic; c++) {
            for (int d = 0; c * size[0][1] + d * size[1][1] <= domestic; d++) {
              int usedForeign = a * size[0][0] + b * size[1][0];
              int usedDomestic = c * size[0][1] + d * size[1][1];
              double kilowatts = (usedForeign * watts(0) + usedDomestic * watts(1)) / 1000;
              if (kilowatts <= power[s] + 1e-9) {
                all.add(
                    new double[] {
                      a * rate[0][0] + c * rate[0][1],
                      b * rate[1][0] + d * rate[1][1],
                      usedForeign * price[s][0] + usedDomestic * price[s][1] + bought
                    });
              }
            }
          }
        }
      }
    }

    PlacementResult solve(String fleet, String demand) {
      return Placement.solve(
          Fleet.parse(fleet, "fleet.yaml", CHIPS),
          Demand.parse(demand, "demand.yaml", Path.of(""), CHIPS),
          CHIPS,
          RULES,
          replicas(),
          LocalDate.parse("2026-06-01"),
          Effort.standard().withGap(0).withWork(3e7));
    }
  }

  @Test
  void solve_equalsTheBestOfAllPlacements() {
    int feasible = 0;
    int infeasible = 0;
    for (int seed = 0; seed < 50; seed++) {
      Small small = new Small(new Random(seed));
      double least = small.least();
      PlacementResult result = small.solve(small.fleet(), small.demand());
      if (least == Double.POSITIVE_INFINITY) {
        infeasible++;
        assertThat(result.isFeasible()).as("seed %d", seed).isFalse();
      } else {
        feasible++;
        assertThat(result.isFeasible()).as("seed %d %s", seed, result.relaxations()).isTrue();
        assertThat(result.usdPerHour()).as("seed %d", seed).isCloseTo(least, within(1e-5));
      }
    }
    assertThat(feasible).isGreaterThan(5);
    assertThat(infeasible).isGreaterThan(5);
  }

  /** Relaxing what is named makes it feasible; relaxing a part of it does not. */
  @Test
  void relaxations_suffice_andNothingSmallerDoes() {
    int tried = 0;
    for (int seed = 0; seed < 60 && tried < 8; seed++) {
      Small small = new Small(new Random(seed));
      if (small.least() < Double.POSITIVE_INFINITY) {
        continue;
      }
      PlacementResult result = small.solve(small.fleet(), small.demand());
      assertThat(result.relaxations()).as("seed %d", seed).isNotEmpty().hasSizeLessThanOrEqualTo(3);
      for (Relaxation relaxation : result.relaxations()) {
        assertThat(relaxation.isSmallest()).as("seed %d", seed).isTrue();
        if (!isPlain(relaxation)) {
          continue;
        }
        tried++;
        String[] texts = {small.fleet(), small.demand()};
        for (int i = 0; i < relaxation.relaxed().size(); i++) {
          if (i > 0) {
            assertThat(small.solve(texts[0], texts[1]).isFeasible())
                .as("seed %d, only a part of %s", seed, relaxation)
                .isFalse();
          }
          apply(texts, small, relaxation.relaxed().get(i));
        }
        assertThat(small.solve(texts[0], texts[1]).isFeasible())
            .as("seed %d, %s", seed, relaxation)
            .isTrue();
      }
    }
    assertThat(tried).isGreaterThan(5);
  }

  private static boolean isPlain(Relaxation relaxation) {
    return relaxation.relaxed().stream()
        .allMatch(one -> List.of("power", "cost", "demand").contains(one.constraint()));
  }

  private static void apply(String[] texts, Small small, Relaxed relaxed) {
    switch (relaxed.constraint()) {
      case "power" -> {
        int site = relaxed.subject().equals("site 0") ? 0 : 1;
        int at = texts[0].indexOf("name: " + relaxed.subject());
        texts[0] =
            texts[0].substring(0, at)
                + texts[0]
                    .substring(at)
                    .replaceFirst("power_kw: " + small.power[site], "power_kw: " + relaxed.to());
      }
      case "cost" ->
          texts[1] =
              texts[1].replace("usd_per_hour: " + small.cost, "usd_per_hour: " + relaxed.to());
      default ->
          texts[1] =
              texts[1].replaceFirst(
                  "(name: " + relaxed.subject() + ",[^}]*)}", "$1, least: " + relaxed.to() + "}");
    }
  }
}
