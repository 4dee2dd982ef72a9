package io.moineau.plan.placement;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.PlanException;
import io.moineau.plan.audit.Fleet;
import io.moineau.plan.capacity.Range;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.placement.PlacementResult.Relaxed;
import io.moineau.plan.rules.Rules;
import io.moineau.plan.solve.Effort;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Placements whose answers can be worked out by hand, with replicas that are made up. */
class PlacementTest {
  private static final Catalogue CHIPS = Catalogue.standard();
  private static final Rules RULES = Rules.standard();
  private static final Effort EXACT = Effort.standard().withGap(0).withWork(1e9);

  /** Chips, requests a second and watts of a replica, by chip. */
  private static final Map<String, double[]> SPEEDS =
      Map.of(
          "H20 96GB", new double[] {2, 4, 800},
          "H100 SXM", new double[] {1, 5, 700},
          "Ascend 910B2", new double[] {4, 6, 1600});

  private static final Replicas MADE_UP =
      (traffic, chip) -> {
        double[] speed = SPEEDS.get(chip.name());
        if (speed == null) {
          return new Replicas.Offer(List.of(), List.of(chip.name() + " is too slow"));
        }
        double tpot = chip.name().startsWith("H100") ? 0.02 : 0.04;
        double limit = traffic.limits().tpotSeconds().orElse(1);
        return new Replicas.Offer(
            List.of(
                new Replica(
                    "fp8",
                    "TP" + (int) speed[0],
                    (int) speed[0],
                    speed[1],
                    speed[2],
                    Range.around(0.5, 1.2),
                    Range.around(tpot, 1.2),
                    Math.max(0, tpot / limit - 1))),
            List.of());
      };

  private static final String FLEET =
      """
      moineau-fleet: 1
      sites:
        - name: Lingang
          country: CN
          power_kw: 20
          usd_per_kwh: 0.1
          chips:
            - {chip: H20, count: 16, usd_per_hour: 1, may_remove: 8}
            - {chip: 910B2, count: 16, usd_per_hour: 0.5}
        - name: Johor
          country: MY
          chips:
            - {chip: H100, count: 4, usd_per_hour: 2}
      """;

  private static String demand(String head, String... workloads) {
    StringBuilder text = new StringBuilder("moineau-demand: 1\n").append(head);
    text.append("workloads:\n");
    for (String workload : workloads) {
      text.append("  - {").append(workload).append("}\n");
    }
    return text.toString();
  }

  private static final String CHAT =
      "name: chat, model: qwen3-8b, input: 1000, output: 500, requests_per_second: ";

  private static Demand read(String text) {
    return Demand.parse(text, "demand.yaml", Path.of(""), CHIPS);
  }

  private static PlacementResult place(String fleet, String demand) {
    return Placement.solve(
        Fleet.parse(fleet, "fleet.yaml", CHIPS),
        read(demand),
        CHIPS,
        RULES,
        MADE_UP,
        LocalDate.parse("2026-06-01"),
        EXACT);
  }

  private static Relaxed only(PlacementResult result) {
    assertThat(result.isFeasible()).isFalse();
    assertThat(result.relaxations().getFirst().relaxed()).as("%s", result.relaxations()).hasSize(1);
    return result.relaxations().getFirst().relaxed().getFirst();
  }

  private static Relaxed find(PlacementResult result, String constraint) {
    return result.relaxations().stream()
        .flatMap(one -> one.relaxed().stream())
        .filter(one -> one.constraint().equals(constraint))
        .findFirst()
        .orElseThrow(() -> new AssertionError(result.relaxations().toString()));
  }

  @Test
  void solve_servesAllAtTheLeastCost() {
    // A request a second costs 0.52 an hour on H20, 0.36 on 910B2, 0.4 on H100 in Johor.
    PlacementResult result = place(FLEET, demand("", CHAT + "24"));
    assertThat(result.isFeasible()).isTrue();
    assertThat(result.assignments()).hasSize(1);
    Assignment one = result.assignments().getFirst();
    assertThat(one.chip()).isEqualTo("Ascend 910B2");
    assertThat(one.replicas()).isEqualTo(4);
    assertThat(one.utilisation()).isCloseTo(1, within(1e-9));
    assertThat(result.usdPerHour()).isCloseTo(4 * (2 + 0.16), within(1e-6));
    assertThat(result.kilowatts()).isCloseTo(6.4, within(1e-9));
    assertThat(result.gap()).isZero();
    assertThat(result.binding().toString()).contains("chips: 16 of 16 Ascend 910B2 at Lingang");
  }

  @Test
  void solve_keepsDataWhereItMayBe() {
    PlacementResult result = place(FLEET, demand("", CHAT + "20, countries: [MY]"));
    assertThat(result.assignments())
        .allSatisfy(one -> assertThat(one.site()).isEqualTo("Johor"))
        .isNotEmpty();
    PlacementResult more = place(FLEET, demand("", CHAT + "21, countries: [MY]"));
    assertThat(more.isFeasible()).isFalse();
    assertThat(find(more, "chips").to()).isEqualTo(5);
    assertThat(find(more, "chips").text()).isEqualTo("have 5 instead of 4 H100 SXM at Johor");
    assertThat(find(more, "demand").text()).isEqualTo("serve 95.2 % of chat instead of 100 %");
    assertThat(find(more, "country").text()).contains("data of chat may not be in CN");
  }

  @Test
  void solve_withScarcePower_saysHowMuchIsMissing() {
    String fleet = FLEET.replace("power_kw: 20", "power_kw: 5");
    // 7 x 5 is more than Johor has: 15 are left, which take 3 replicas of 1.6 kW or 4 of 0.8.
    PlacementResult fits = place(fleet, demand("", CHAT + "38"));
    assertThat(fits.isFeasible()).isTrue();
    assertThat(fits.binding().toString()).contains("power: 4.8 of 5 kW at Lingang");
    PlacementResult result = place(fleet, demand("", CHAT + "50"));
    Relaxed power = find(result, "power");
    assertThat(power.subject()).isEqualTo("Lingang");
    // 30 requests: 7 replicas of H20 (28) and one more of them, 6.4 kW; 4 + 1 others take more.
    assertThat(power.to()).isCloseTo(6.4, within(1e-9));
    assertThat(power.text()).isEqualTo("raise the power at Lingang by 1.4 kW, from 5 to 6.4");
    String relaxed = fleet.replace("power_kw: 5", "power_kw: 6.4");
    assertThat(place(relaxed, demand("", CHAT + "50")).isFeasible()).isTrue();
    String less = fleet.replace("power_kw: 5", "power_kw: 6.3");
    assertThat(place(less, demand("", CHAT + "50")).isFeasible()).isFalse();
  }

  @Test
  void solve_withinABudget() {
    assertThat(place(FLEET, demand("budget: {usd_per_hour: 8.64}\n", CHAT + "24")).isFeasible())
        .isTrue();
    PlacementResult result = place(FLEET, demand("budget: {usd_per_hour: 8}\n", CHAT + "24"));
    Relaxed cost = find(result, "cost");
    assertThat(cost.to()).isCloseTo(8.64, within(1e-9));
    assertThat(cost.text()).isEqualTo("pay 8.64 instead of 8 USD an hour");
    double month = 8.64 * 730;
    assertThat(
            place(FLEET, demand("budget: {usd_per_month: " + month + "}\n", CHAT + "24"))
                .isFeasible())
        .isTrue();
  }

  @Test
  void solve_servesAsMuchAsThereIs_byPriority() {
    String most = "least: 0, priority: ";
    PlacementResult result =
        place(
            FLEET,
            demand(
                "",
                CHAT + "1000, " + most + "2",
                CHAT.replace("chat", "code") + "20, " + most + "1"));
    assertThat(result.isFeasible()).isTrue();
    assertThat(result.served("code").orElseThrow().part()).isCloseTo(1, within(1e-6));
    // 8 x 4 + 4 x 6 + 4 x 5 = 76, of which 20 are of the code
    assertThat(result.served("chat").orElseThrow().requestsPerSecond()).isCloseTo(56, within(1e-3));
  }

  @Test
  void solve_keepsPromises_orSaysWhichTimesCouldBe() {
    PlacementResult fast = place(FLEET, demand("", CHAT + "20, tpot: 30ms"));
    assertThat(fast.assignments()).allSatisfy(one -> assertThat(one.site()).isEqualTo("Johor"));
    PlacementResult result = place(FLEET, demand("", CHAT + "24, tpot: 30ms"));
    Relaxed limits = find(result, "limits");
    assertThat(limits.text()).isEqualTo("promise chat TPOT 40 ms instead of 30 ms");
    assertThat(limits.to()).isCloseTo(0.04, within(1e-9));
  }

  @Test
  void solve_keepsTheQuota_byTakingAwayOrBuying() {
    String quota = "quota: {country: CN, share: 0.6}\n";
    PlacementResult result = place(FLEET, demand(quota, CHAT + "20"));
    assertThat(result.isFeasible()).isTrue();
    // 16 of 16 + 16 - r is more than 0.6 from r = 6 on
    assertThat(result.stock().getFirst().removed()).isBetween(6L, 8L);
    assertThat(result.sites().getFirst().share().orElseThrow()).isGreaterThan(0.6);
    String kept = FLEET.replace(", may_remove: 8", "");
    PlacementResult stuck = place(kept, demand(quota, CHAT + "20"));
    Relaxed relaxed = find(stuck, "quota");
    assertThat(relaxed.to()).isCloseTo(0.5, within(1e-9));
    assertThat(relaxed.text()).contains("at Lingang be 50 %").contains("more than 60 %");
    Relaxed chips = find(stuck, "chips");
    assertThat(chips.subject()).isEqualTo("Ascend 910B2 at Lingang");
    assertThat(chips.to()).isEqualTo(25); // 25 of 41
    String bought =
        kept.replace(
            "    - {chip: 910B2, count: 16, usd_per_hour: 0.5}",
            "    - {chip: 910B2, count: 16, usd_per_hour: 0.5}\n"
                + "    may_add:\n      - {chip: 910B2, most: 32, price: 8760}");
    PlacementResult added = place(bought, demand(quota, CHAT + "20"));
    assertThat(added.isFeasible()).as("%s", added.relaxations()).isTrue();
    assertThat(added.usdToBuy()).isCloseTo(9 * 8760, within(1e-6));
    PlacementResult poor =
        place(bought, demand(quota + "budget: {usd_to_buy: 50000}\n", CHAT + "20"));
    assertThat(find(poor, "buying").text()).isEqualTo("spend 78840 instead of 50000 USD on chips");
  }

  @Test
  void solve_asksTheRulesOnTheDay() {
    String fleet =
        FLEET.replace(
            "    - {chip: H100, count: 4, usd_per_hour: 2}",
            "    - {chip: H100, count: 4, usd_per_hour: 2}\n"
                + "    may_add:\n      - {chip: H100, most: 8, price: 25000}");
    String workload = CHAT + "40, countries: [MY]";
    // A buyer of China: before November 2023 no rule asked for the seat of the end user.
    PlacementResult before = place(fleet, demand("date: 2023-06-01\nend_user_hq: CN\n", workload));
    PlacementResult after =
        place(fleet, demand("date: 2024-06-01\nend_user_hq: CN\naccept: [manual]\n", workload));
    assertThat(before.isFeasible()).as("%s", before.relaxations()).isTrue();
    assertThat(before.usdToBuy()).isCloseTo(4 * 25000, within(1e-6));
    Relaxed shipping = find(after, "shipping");
    assertThat(shipping.text())
        .startsWith("have a licence for shipping H100 SXM to MY (presumption of denial");
    PlacementResult held =
        place(
            fleet,
            demand(
                "date: 2024-06-01\nend_user_hq: CN\naccept: [manual]\n"
                    + "licences: [{chip: H100, to: MY}]\n",
                workload));
    assertThat(held.isFeasible()).as("%s", held.relaxations()).isTrue();
  }

  @Test
  void solve_asksForRemoteUse() {
    String head = "date: 2026-06-01\nend_user_hq: CN\n";
    String workload = CHAT + "20, countries: [MY]";
    Relaxed renting = find(place(FLEET, demand(head, workload)), "renting");
    assertThat(renting.text()).contains("remote use from CN of H100 SXM in MY").contains("manual");
    assertThat(place(FLEET, demand(head + "accept: [manual]\n", workload)).isFeasible()).isTrue();
    String licence = "licences: [{chip: H100, to: MY, for: renting}]\n";
    assertThat(place(FLEET, demand(head + licence, workload)).isFeasible()).isTrue();
    PlacementResult unknown = place(FLEET, demand("date: 2026-11-21\nend_user_hq: CN\n", workload));
    assertThat(find(unknown, "renting").text()).contains("verified up to 2026-07-23");
  }

  @Test
  void solve_whereTwoConstraintsStandInTheWay_namesBoth() {
    // Neither more power nor more chips alone serves it: both, or less of the demand, or elsewhere.
    String fleet = FLEET.replace("power_kw: 20", "power_kw: 1");
    PlacementResult result =
        place(fleet, demand("", CHAT + "100, countries: [CN], least_replicas: 40"));
    assertThat(result.isFeasible()).isFalse();
    int size = result.relaxations().getFirst().relaxed().size();
    assertThat(size).isGreaterThan(1);
    assertThat(result.relaxations()).allSatisfy(one -> assertThat(one.relaxed()).hasSize(size));
    assertThat(result.relaxations()).doesNotHaveDuplicates();
  }

  @Test
  void solve_withChipsThatServeNothing_saysWhy() {
    String fleet =
        "moineau-fleet: 1\nsites:\n  - name: a\n    country: FR\n    chips: [{chip: L4, count: 8}]\n";
    PlacementResult result = place(fleet, demand("", CHAT + "4"));
    assertThat(result.isFeasible()).isFalse();
    assertThat(result.reasons().toString())
        .contains("no chip of the fleet serves chat: L4")
        .contains("too slow");
    assertThat(only(result).text()).isEqualTo("serve 0 % of chat instead of 100 %");
  }

  @Test
  void solve_relaxingAConstraint_neverCostsMore() {
    String[][] steps = {
      {"power_kw: 20", "power_kw: 30"},
      {"count: 16, usd_per_hour: 0.5", "count: 24, usd_per_hour: 0.5"},
      {"count: 4, usd_per_hour: 2", "count: 6, usd_per_hour: 2"},
    };
    String quota = "quota: {country: CN, share: 0.6}\n";
    for (int requests = 10; requests <= 60; requests += 10) {
      PlacementResult tight = place(FLEET, demand(quota, CHAT + requests));
      assertThat(tight.isFeasible()).as("%s requests", requests).isTrue();
      for (String[] step : steps) {
        PlacementResult loose =
            place(FLEET.replace(step[0], step[1]), demand(quota, CHAT + requests));
        assertThat(loose.usdPerHour()).isLessThanOrEqualTo(tight.usdPerHour() + 1e-6);
      }
      PlacementResult free = place(FLEET, demand("", CHAT + requests));
      assertThat(free.usdPerHour()).isLessThanOrEqualTo(tight.usdPerHour() + 1e-6);
    }
  }

  @Test
  void json_holdsWhatIsPlaced() {
    PlacementResult result = place(FLEET, demand("", CHAT + "24"));
    assertThat(result.json()).containsEntry("feasible", true).containsKey("assignments");
    PlacementResult not = place(FLEET, demand("", CHAT + "2400"));
    assertThat(not.json()).containsEntry("feasible", false);
    assertThat(not.json().get("relaxations").toString()).contains("serve 3.1 % of chat");
  }

  @Test
  void contradictions_areToldBeforeSolving() {
    assertThatThrownBy(() -> place(FLEET, demand("", CHAT + "4, countries: [FR, DE]")))
        .isInstanceOf(PlanException.class)
        .hasMessageContaining("demand.yaml line 3")
        .hasMessageContaining("may be in FR, DE, and the sites are in CN, MY");
    assertThatThrownBy(() -> read(demand("", CHAT + "4, least_replicas: 5, most_replicas: 3")))
        .hasMessageContaining("least_replicas 5 is above most_replicas 3");
    assertThatThrownBy(() -> place(FLEET, demand("quota: {country: US}\n", CHAT + "4")))
        .hasMessageContaining("the quota is for sites in US");
    assertThatThrownBy(
            () -> place(FLEET, demand("quota: {country: CN, unit: value}\n", CHAT + "4")))
        .hasMessageContaining("not known of H20 96GB at Lingang");
    assertThatThrownBy(() -> read(demand("quota: {country: CN, share: 1}\n", CHAT + "4")))
        .hasMessageContaining("more than 100 %");
  }

  @Test
  void demands_withMistakes_areRefused() {
    String[][] mistakes = {
      {"moineau-demand: 2\n", "moineau-demand is 2"},
      {"moineau-demand: 1\n", "workloads is missing"},
      {demand("colour: red\n", CHAT + "4"), "line 2: colour is no key"},
      {demand("", CHAT + "4, colour: red"), "line 3: workloads[0].colour is no key"},
      {demand("date: soon\n", CHAT + "4"), "a day such as"},
      {demand("end_user_hq: XX\n", CHAT + "4"), "two letters"},
      {demand("", CHAT + "0"), "more than 0"},
      {demand("", CHAT + "4, output_tokens_per_second: 3"), "stands beside"},
      {demand("", CHAT + "4, ttft: fast"), "a time such as 2s"},
      {demand("", CHAT + "4, tpot: 0ms"), "more than 0"},
      {demand("", CHAT + "4, least: 1.2"), "0 to 1"},
      {demand("", CHAT + "4, cached: 1"), "0 to below 1"},
      {demand("", CHAT + "4, weights: [fp9]"), "fp8"},
      {demand("", CHAT + "4, countries: []"), "countries is empty"},
      {demand("", CHAT.replace("qwen3-8b", "qwen3-9b") + "4"), "Qwen3-8B"},
      {demand("", CHAT + "4", CHAT + "5"), "as that of another"},
      {demand("budget: {usd_per_hour: 1, usd_per_month: 2}\n", CHAT + "4"), "one of both"},
      {demand("quota: {country: CN, unit: pounds}\n", CHAT + "4"), "chips, value"},
      {demand("quota: {country: CN, pool: all}\n", CHAT + "4"), "computing, storage, together"},
      {demand("licences: [{chip: H2O, to: MY}]\n", CHAT + "4"), "H20 96GB"},
      {demand("licences: [{chip: H20}]\n", CHAT + "4"), "to is missing"},
      {demand("accept: [everything]\n", CHAT + "4"), "exception, manual, unknown"},
      {demand("facts: {buyer: me}\n", CHAT + "4"), "large internet firm"},
    };
    for (String[] mistake : mistakes) {
      assertThatThrownBy(() -> read(mistake[0]))
          .as(mistake[0])
          .isInstanceOf(PlanException.class)
          .hasMessageContaining(mistake[1]);
    }
  }
}
