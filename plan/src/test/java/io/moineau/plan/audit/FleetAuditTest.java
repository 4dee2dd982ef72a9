package io.moineau.plan.audit;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.report.AuditReport;
import io.moineau.plan.rules.Rules;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Quotas of rules, sites together, who may come, and what stands in the way. */
class FleetAuditTest {
  private static final Catalogue CHIPS = Catalogue.standard();
  private static final Rules RULES = Rules.standard();
  private static final ReadingFilter FEW =
      ReadingFilter.of(List.of("chips", "fp16"), List.of("vendor", "made"));
  private static final String CANDIDATES =
      """
      candidates:
        - {chip: 910B2, price: 11000}
        - {chip: 910C, price: 24000}
      """;

  private static Fleet fleet(String sites, String rest) {
    return Fleet.parse("moineau-fleet: 1\nsites:\n" + sites + rest, "fleet.yaml", CHIPS);
  }

  private static String site(String name, String facts, int foreign, int domestic) {
    return "  - {name: %s, country: CN%s, chips: [{chip: H20, count: %d}, {chip: 910B2, count: %d}]}\n"
        .formatted(name, facts, foreign, domestic);
  }

  private static FleetAudit audit(Fleet fleet, String date) {
    return FleetAudit.of(fleet, CHIPS, RULES, LocalDate.parse(date), FEW);
  }

  private static QuotaAudit quota(FleetAudit audit, String id) {
    return audit.sites().getFirst().quotas().stream()
        .filter(q -> q.rule().id().equals(id))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void quotas_ofRules_applyByWhatIsKnownOfTheSite() {
    String facts = ", owner: private, state_funded: true, completion: 0.5";
    FleetAudit audit = audit(fleet(site("a", facts, 60, 40), CANDIDATES), "2026-06-01");
    assertThat(quota(audit, "cn-2024-03-shanghai").applies()).isEqualTo(Truth.UNKNOWN);
    QuotaAudit open = quota(audit, "cn-2025-public-quota");
    assertThat(open.applies()).isEqualTo(Truth.NO);
    assertThat(AuditReport.about(open).toString()).contains("private ones too");
    // By chips 40 of 100: 51 of 101 after 11 changes; by compute it passes, as a 910B2 has 2.5
    // times the peak.
    assertThat(open.change().chips()).isEqualTo(11);
    assertThat(open.change().lines())
        .containsExactly("swap 10 x H20 96GB for 10 x Ascend 910B2; add 1 x Ascend 910B2");
    QuotaAudit funded = quota(audit, "cn-2025-11-state-funded");
    assertThat(funded.applies()).isEqualTo(Truth.NO);
    assertThat(AuditReport.about(funded).toString()).contains("case by case");
    FleetAudit begun =
        audit(fleet(site("a", facts.replace("0.5", "0.2"), 60, 40), CANDIDATES), "2026-06-01");
    assertThat(quota(begun, "cn-2025-11-state-funded").applies()).isEqualTo(Truth.YES);
    assertThat(quota(begun, "cn-2025-11-state-funded").change().chips()).isEqualTo(60);
  }

  @Test
  void rules_beforeTheirFirstDay_askForNothing() {
    FleetAudit audit = audit(fleet(site("a", ", owner: public", 60, 40), CANDIDATES), "2025-08-16");
    assertThat(audit.sites().getFirst().quotas())
        .noneMatch(q -> q.rule().id().equals("cn-2025-public-quota"));
  }

  @Test
  void sites_together_passWhereOneAloneFails() {
    Fleet fleet =
        fleet(
            site("a", ", owner: public, region: Shanghai", 30, 20)
                + site("b", ", owner: public, region: Shanghai", 10, 15),
            CANDIDATES);
    FleetAudit audit = audit(fleet, "2026-06-01");
    assertThat(audit.groups())
        .extracting(part -> part.audit().scope().name())
        .containsExactly(
            "all sites", "sites of cn-2024-03-shanghai", "sites of cn-2025-public-quota");
    FleetAudit.Part all = audit.groups().getFirst();
    // 35 of 75 chips: three more, at any site.
    assertThat(all.readings().getFirst().share().text()).isEqualTo("46.7 %");
    assertThat(all.readings().getFirst().more().chips()).isEqualTo(3);
    assertThat(audit.sites().getFirst().readings().getFirst().more().chips()).isEqualTo(6);
    assertThat(audit.sites().get(1).readings().getFirst().more().status())
        .isEqualTo(Change.Status.PASSES);
  }

  @Test
  void candidates_thatAreNotSoldOrKeptAway_areLeftOutAndSaid() {
    String candidates =
        """
        candidates:
          - {chip: 950DT}
          - {chip: H100}
        """;
    FleetAudit audit = audit(fleet(site("a", "", 6, 4), candidates), "2026-06-01");
    assertThat(audit.remarks().toString())
        .contains("Ascend 950DT is no candidate")
        .contains("H100 SXM is no candidate: by its numbers: licence required");
    assertThat(audit.candidates()).containsEntry("a", List.of());
    Change change = audit.sites().getFirst().readings().getFirst().more();
    assertThat(change.status()).isEqualTo(Change.Status.IMPOSSIBLE);
    assertThat(change.why().toString()).contains("no candidate of computing chips");
    // Without candidates of its own, what the catalogue has by then: no 910C in 2024-01.
    assertThat(audit(fleet(site("a", "", 6, 4), ""), "2024-01-01").candidates().get("a"))
        .contains("Ascend 910B2")
        .doesNotContain("Ascend 910C (package, 2 dies)", "H20 96GB");
  }

  @Test
  void limits_thatStandInTheWay_areNamedWithWhatWouldDo() {
    String budget = CANDIDATES + "change: {budget: %s}\n";
    String sites = site("a", "", 60, 40);
    Change change = readings(fleet(sites, budget.formatted("100000")));
    assertThat(change.status()).isEqualTo(Change.Status.IMPOSSIBLE);
    assertThat(change.why())
        .containsExactly("the limit change.budget stands in the way; 121000 would do");
    Change enough = readings(fleet(sites, budget.formatted("121000")));
    assertThat(enough.chips()).isEqualTo(11);
    Change full = readings(fleet(sites, CANDIDATES + "change: {kinds: [add], most_chips: 110}\n"));
    assertThat(full.why()).containsExactly("the limit change.most_chips stands in the way");
    Change fixed =
        readings(fleet(sites.replace("count: 60", "count: 60, may_remove: 5"), CANDIDATES));
    // Five swaps make 45 of 100; eleven more by adding make 56 of 111.
    assertThat(fixed.lines())
        .containsExactly("swap 5 x H20 96GB for 5 x Ascend 910B2; add 11 x Ascend 910B2");
  }

  private static Change readings(Fleet fleet) {
    return audit(fleet, "2026-06-01").sites().getFirst().readings().getFirst().more();
  }

  @Test
  void makersInDispute_areTakenAsTheWorst_andTheBestIsSaid() {
    String only = "candidates:\n  - {chip: 910C, price: 24000}\n";
    FleetAudit audit = audit(fleet(site("a", "", 60, 40), only), "2026-06-01");
    ReadingAudit made =
        audit.sites().getFirst().readings().stream()
            .filter(r -> r.share().meaning() == Meaning.MADE && r.share().unit().equals("chips"))
            .findFirst()
            .orElseThrow();
    assertThat(made.text()).isEqualTo("none, 11 at best");
    assertThat(made.more().why().toString()).contains("known to be made in CN");
    String said = "candidates:\n  - {chip: 910C, price: 24000, made_in: CN}\n";
    assertThat(
            audit(fleet(site("a", "", 60, 40), said), "2026-06-01").sites().getFirst().readings())
        .allMatch(r -> r.more().isFound());
  }

  @Test
  void counts_asLargeAsTheyMayBe_areExact() {
    Change change = readings(fleet(site("a", "", 999_999_999, 1), CANDIDATES));
    assertThat(change.chips()).isEqualTo(500_000_000);
    assertThat(change.status()).isEqualTo(Change.Status.LEAST);
  }

  @Test
  void reports_areOneFileWithCharts_andJsonHoldsEachReading() {
    Fleet fleet = fleet(site("<a>", ", region: Shanghai, owner: public", 60, 40), CANDIDATES);
    FleetAudit audit = audit(fleet, "2026-06-01");
    String html = AuditReport.html(fleet, audit);
    assertThat(html)
        .contains("<svg", "&lt;a&gt;", "swap 10 x H20 96GB for 10 x Ascend 910B2")
        .doesNotContain("<script", "<a>", "src=", "@import");
    assertThat(audit.json().toString())
        .contains("more_than_half_change={status=least change, chips=11")
        .contains("adding_alone", "removing_alone", "rule=cn-2025-public-quota", "before={");
  }
}
