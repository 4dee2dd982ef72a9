package io.moineau.plan.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.plan.PlanException;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.rules.Rules;
import io.moineau.plan.rules.Verdict;
import java.time.LocalDate;
import org.junit.jupiter.api.Test;

/** Shares of domestic chips, worked out by hand, and fleets with mistakes. */
class AuditTest {
  private static final Catalogue CHIPS = Catalogue.standard();
  private static final Rules RULES = Rules.standard();
  private static final String HEAD =
      """
      moineau-fleet: 1
      sites:
        - name: one
          country: CN
      """;

  private static Audit audit(String rest) {
    Fleet fleet = Fleet.parse(HEAD + rest, "fleet.yaml", CHIPS);
    return Audit.of(fleet.sites().getFirst(), RULES, LocalDate.parse("2026-06-01"));
  }

  private static Audit.Share share(Audit audit, String pool, String unit, Meaning meaning) {
    return audit.shares().stream()
        .filter(s -> s.pool().equals(pool) && s.unit().equals(unit) && s.meaning() == meaning)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void shares_byCountPassAndByComputeFail() {
    Audit audit =
        audit(
            """
                chips:
                  - {chip: H100, count: 40}
                  - {chip: 910B3, count: 60}
            """);
    Audit.Share count = share(audit, "computing", "chips", Meaning.VENDOR);
    assertThat(count.text()).isEqualTo("60.0 %");
    assertThat(count.isMoreThanHalf().text()).isEqualTo("true");
    // 60 x 313 of 60 x 313 + 40 x 989.4
    Audit.Share compute = share(audit, "computing", "fp16 T/s", Meaning.VENDOR);
    assertThat(compute.text()).isEqualTo("32.2 %");
    assertThat(compute.isAtLeastHalf().text()).isEqualTo("false");
    assertThat(share(audit, "computing", "fp8 T/s", Meaning.VENDOR).text()).isEqualTo("0.0 %");
    assertThat(share(audit, "computing", "chips", Meaning.OWNED).isMoreThanHalf().text())
        .isEqualTo("unknown");
    assertThat(audit.omitted().toString()).contains("computing by value: not known for H100 SXM");
  }

  @Test
  void shares_ofDisputedMakers_areRanges() {
    Audit audit =
        audit(
            """
                chips:
                  - {chip: H20, count: 40}
                  - {chip: 910C, count: 30}
                  - {chip: 910B2, count: 30}
            """);
    Audit.Share made = share(audit, "computing", "chips", Meaning.MADE);
    assertThat(made.text()).isEqualTo("30.0 to 60.0 %");
    assertThat(made.isMoreThanHalf().text()).isEqualTo("unknown");
    assertThat(share(audit, "computing", "chips", Meaning.VENDOR).text()).isEqualTo("60.0 %");
  }

  @Test
  void shares_ofExactlyHalf_dependOnTheThreshold() {
    Audit audit =
        audit(
            """
                chips:
                  - {chip: H20, count: 7, price: 10}
                  - {chip: 910B2, count: 7, price: 10}
                storage:
                  - {name: a, country: CN, count: 1, terabytes: 4, price: 100}
            """);
    Audit.Share half = share(audit, "computing", "value", Meaning.VENDOR);
    assertThat(half.isMoreThanHalf().text()).isEqualTo("false");
    assertThat(half.isAtLeastHalf().text()).isEqualTo("true");
    // 70 + 100 of 240
    assertThat(share(audit, "together", "value", Meaning.VENDOR).text()).isEqualTo("70.8 %");
    assertThat(share(audit, "storage", "TB", Meaning.VENDOR).text()).isEqualTo("100.0 %");
  }

  @Test
  void rules_ofTheSite_areWeighed() {
    String chips = "    chips:\n      - {chip: H20, count: 7}\n";
    assertThat(audit("    region: Shanghai\n" + chips).rules().orElseThrow().reasons().toString())
        .contains("cn-2024-03-shanghai");
    Audit funded = audit("    state_funded: true\n    completion: 0.2\n" + chips);
    assertThat(funded.rules().orElseThrow().conditions().toString()).contains("30 %");
    Audit french =
        Audit.of(
            Fleet.parse((HEAD + chips).replace("country: CN", "country: FR"), "fleet.yaml", CHIPS)
                .sites()
                .getFirst(),
            RULES,
            LocalDate.parse("2026-06-01"));
    assertThat(french.rules().orElseThrow().verdict()).isEqualTo(Verdict.NO_LICENCE);
  }

  @Test
  void fleets_sayWhatMayChange() {
    Fleet.Site site =
        audit(
                """
                    power_kw: 120
                    usd_per_kwh: 0.09
                    chips:
                      - {chip: H20, count: 16, may_remove: 8, usd_per_hour: 1.2}
                    may_add:
                      - {chip: 910B2, most: 64, price: 11000, from: CN}
                """)
            .scope()
            .sites()
            .getFirst();
    assertThat(site.powerKw().orElseThrow()).isEqualByComparingTo("120");
    assertThat(site.usdPerKwh().orElseThrow()).isEqualByComparingTo("0.09");
    assertThat(site.items().getFirst().mayRemove()).isEqualByComparingTo("8");
    assertThat(site.items().getFirst().usdPerHour().orElseThrow()).isEqualByComparingTo("1.2");
    Fleet.Offer offer = site.mayAdd().getFirst();
    assertThat(offer.item().count()).isEqualByComparingTo("64");
    assertThat(offer.item().price().orElseThrow().text()).isEqualTo("11000");
    assertThat(offer.from()).isEqualTo("CN");
  }

  @Test
  void fleets_withMistakes_areRefused() {
    String[][] mistakes = {
      {"    chips: []\n", "missing or empty"},
      {"    chips:\n      - {chip: H2O, count: 1}\n", "H20 96GB"},
      {"    chips:\n      - {chip: H20}\n", "line 6"},
      {"    chips:\n      - {chip: H20, count: 1.5}\n", "whole number"},
      {"    chips:\n      - {chip: H20, count: 1000000000000}\n", "0 to 1000000000"},
      {"    chips:\n      - {chip: H20, count: 1, price: cheap}\n", "price is cheap"},
      {"    chips:\n      - {chip: H2O, count: 1}\n", "fleet.yaml line 6"},
      {
        "    chips:\n      - {chip: H20, count: 1}\n  - {name: one, country: FR}\n",
        "missing or empty"
      },
      {
        "    chips: [{chip: H20, count: 1}]\n  - name: one\n    country: FR\n"
            + "    chips: [{chip: H20, count: 1}]\n",
        "line 6: sites[1].name is one for the second time"
      },
      {"    chips:\n      - {chip: H20, count: 1}\ncandidates: []\n", "candidates is empty"},
      {"    chips:\n      - {chip: H20, count: 1}\nchange: {kinds: [buy]}\n", "swap, add, remove"},
      {"    chips:\n      - {chip: H20, count: 1}\nchange: {keep: 2}\n", "0 to 1"},
      {
        "    chips:\n      - {chip: H20, count: 1}\nchange: {kinds: [remove], budget: 3}\n",
        "contradicts"
      },
      {"    chips:\n      - {chip: H20, count: -1}\n", "count is -1"},
      {"    owner: the king\n    chips:\n      - {chip: H20, count: 1}\n", "public, private"},
      {"    completion: 30\n    chips:\n      - {chip: H20, count: 1}\n", "0 to 1"},
      {"    colour: red\n    chips:\n      - {chip: H20, count: 1}\n", "line 5"},
      {"    storage:\n      - {name: a, country: XX, count: 1}\n", "two letters"},
      {"    chips:\n      - {chip: H20, count: 1, ownership: 101}\n", "0 to 100"},
      {"    chips:\n      - {chip: H20, count: 2, may_remove: 3}\n", "up to the count, 2"},
      {"    chips:\n      - {chip: H20, count: 2, most: 3}\n", "most is no key"},
      {"    may_add:\n      - {chip: H20}\n", "most is missing"},
      {"    may_add:\n      - {chip: H20, most: 3, count: 1}\n", "count is no key"},
      {"    may_add:\n      - {chip: H20, most: 3, may_remove: 1}\n", "may_remove is no key"},
      {"    power_kw: much\n    chips:\n      - {chip: H20, count: 1}\n", "line 5"},
    };
    for (String[] mistake : mistakes) {
      assertThatThrownBy(() -> audit(mistake[0]))
          .as(mistake[0])
          .isInstanceOf(PlanException.class)
          .hasMessageContaining(mistake[1]);
    }
  }
}
