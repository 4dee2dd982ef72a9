package io.moineau.plan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.plan.chips.Catalogue;
import java.time.LocalDate;
import java.util.Locale;
import org.junit.jupiter.api.Test;

/** What the standard rules say of cases whose answers are known. */
class RulesTest {
  private static final Rules RULES = Rules.standard();
  private static final Catalogue CHIPS = Catalogue.standard();

  private static Facts facts(String chip, String to, String headquarters) {
    Facts facts = Facts.of(CHIPS.get(chip)).with("to", to);
    return headquarters.isEmpty() ? facts : facts.with("end_user_hq", headquarters);
  }

  private static Assessment check(String chip, String to, String headquarters, String date) {
    return RULES.check(facts(chip, to, headquarters), LocalDate.parse(date));
  }

  private static void verdicts(
      Assessment assessment, Verdict numbers, Verdict letters, Verdict party) {
    String why = assessment.json().toString();
    assertThat(assessment.answer(Aspect.NUMBERS).verdict()).as(why).isEqualTo(numbers);
    assertThat(assessment.answer(Aspect.LETTERS).verdict()).as(why).isEqualTo(letters);
    assertThat(assessment.answer(Aspect.PARTY).verdict()).as(why).isEqualTo(party);
  }

  @Test
  void h20_inAugust2025_threeAnswersDiffer() {
    Assessment assessment = check("H20", "CN", "CN", "2025-08-01");
    verdicts(assessment, Verdict.NO_LICENCE, Verdict.LICENCE_REQUIRED, Verdict.NO_LICENCE);
    assertThat(assessment.strictest()).isEqualTo(Verdict.LICENCE_REQUIRED);
    assertThat(assessment.paragraphs()).isEmpty();
    Weighed letter =
        assessment.answer(Aspect.LETTERS).rules().stream()
            .filter(one -> one.rule().id().equals("us-2025-04-nvidia"))
            .findFirst()
            .orElseThrow();
    assertThat(letter.status().words()).isEqualTo("letter to one firm");
    assertThat(letter.condition()).startsWith("(4000 >= 4000 or 900 >= 900)");
    assertThat(letter.counts()).isTrue();
    assertThat(check("H20", "CN", "CN", "2025-04-08").strictest()).isEqualTo(Verdict.NO_LICENCE);
  }

  @Test
  void a800_wasFreeUntilTheInterconnectLimbWasDropped() {
    assertThat(check("A800", "CN", "CN", "2023-11-16").strictest()).isEqualTo(Verdict.NO_LICENCE);
    assertThat(check("A800", "CN", "CN", "2023-11-17").strictest())
        .isEqualTo(Verdict.PRESUMPTION_OF_DENIAL);
    assertThat(check("A100", "CN", "CN", "2022-10-07").answer(Aspect.NUMBERS).verdict())
        .isEqualTo(Verdict.LICENCE_REQUIRED);
    assertThat(check("A100", "MO", "MO", "2023-01-17").answer(Aspect.NUMBERS).verdict())
        .isEqualTo(Verdict.NO_LICENCE);
    assertThat(check("A100", "MO", "MO", "2023-01-18").answer(Aspect.NUMBERS).verdict())
        .isEqualTo(Verdict.LICENCE_REQUIRED);
  }

  @Test
  void h200_in2026_isReviewedCaseByCaseFromTheUnitedStatesOnly() {
    Assessment direct = check("H200", "CN", "CN", "2026-02-01");
    assertThat(direct.answer(Aspect.NUMBERS).verdict()).isEqualTo(Verdict.LICENCE_REQUIRED);
    assertThat(direct.answer(Aspect.NUMBERS).reasons().toString()).contains("case by case");
    assertThat(direct.answer(Aspect.NUMBERS).conditions()).hasSizeGreaterThan(5);
    Facts again = facts("H200", "CN", "CN").with("from", "SG");
    assertThat(RULES.check(again, LocalDate.parse("2026-02-01")).strictest())
        .isEqualTo(Verdict.PRESUMPTION_OF_DENIAL);
    assertThat(check("H200", "CN", "CN", "2026-01-14").strictest())
        .isEqualTo(Verdict.PRESUMPTION_OF_DENIAL);
    assertThat(check("MI355X", "CN", "CN", "2026-02-01").strictest())
        .isEqualTo(Verdict.PRESUMPTION_OF_DENIAL);
  }

  @Test
  void headquarters_catchesWhatTheDestinationDoesNot() {
    verdicts(
        check("H100", "MY", "CN", "2025-08-01"),
        Verdict.NO_LICENCE,
        Verdict.LICENCE_REQUIRED,
        Verdict.PRESUMPTION_OF_DENIAL);
    verdicts(
        check("H100", "MY", "MY", "2025-08-01"),
        Verdict.NO_LICENCE,
        Verdict.NO_LICENCE,
        Verdict.NO_LICENCE);
    Assessment open = check("H100", "MY", "", "2025-08-01");
    assertThat(open.answer(Aspect.PARTY).verdict()).isEqualTo(Verdict.UNKNOWN);
    assertThat(open.answer(Aspect.PARTY).reasons().toString()).contains("end_user_hq=unknown");
  }

  @Test
  void countries_groupsDecideAndHongKongIsChina() {
    assertThat(check("H100", "SA", "SA", "2026-02-01").answer(Aspect.NUMBERS).verdict())
        .isEqualTo(Verdict.LICENCE_REQUIRED);
    assertThat(check("H100", "IL", "IL", "2026-02-01").strictest()).isEqualTo(Verdict.NO_LICENCE);
    assertThat(check("H100", "US", "US", "2026-02-01").strictest()).isEqualTo(Verdict.NO_LICENCE);
    assertThat(check("H100", "HK", "HK", "2024-02-01").strictest())
        .isEqualTo(Verdict.PRESUMPTION_OF_DENIAL);
    assertThat(check("H100", "HK", "HK", "2024-02-01").remarks().toString()).contains("counts as");
    // In A:5 on 2026-07-23, and only since a day that is not known.
    assertThat(check("L40", "AE", "AE", "2026-07-23").strictest()).isEqualTo(Verdict.NO_LICENCE);
    assertThat(RULES.groups().member("AE", "A:5", LocalDate.parse("2024-01-01")).text())
        .isEqualTo("unknown");
  }

  @Test
  void exceptions_forConsumerAndMiddleChips() {
    Assessment gaming = check("RTX 4090", "CN", "CN", "2024-06-01");
    assertThat(gaming.answer(Aspect.NUMBERS).verdict()).isEqualTo(Verdict.EXCEPTION_POSSIBLE);
    assertThat(gaming.answer(Aspect.NUMBERS).conditions().toString()).contains("25 calendar days");
    Assessment vietnam = check("L40", "VN", "VN", "2024-06-01");
    assertThat(vietnam.answer(Aspect.NUMBERS).reasons().toString()).contains("ACA");
    assertThat(check("5090D V2", "CN", "CN", "2026-02-01").answer(Aspect.NUMBERS).verdict())
        .isEqualTo(Verdict.NO_LICENCE);
  }

  @Test
  void diffusionRule_isShownButDoesNotCount() {
    Assessment assessment = check("H100", "PL", "PL", "2026-02-01");
    assertThat(assessment.strictest()).isEqualTo(Verdict.NO_LICENCE);
    Weighed diffusion =
        assessment.answer(Aspect.NUMBERS).rules().stream()
            .filter(one -> one.rule().id().equals("us-2025-01-diffusion-a"))
            .findFirst()
            .orElseThrow();
    assertThat(diffusion.status()).isEqualTo(Status.NOT_ENFORCED);
    assertThat(diffusion.met().text()).isEqualTo("true");
    assertThat(diffusion.counts()).isFalse();
  }

  @Test
  void affiliates_inForceSuspendedUnknown() {
    Rule rule = RULES.get("us-affiliates");
    assertThat(rule.statusOn(LocalDate.parse("2025-09-28"))).isEqualTo(Status.NOT_YET);
    assertThat(rule.statusOn(LocalDate.parse("2025-10-01"))).isEqualTo(Status.IN_FORCE);
    assertThat(rule.statusOn(LocalDate.parse("2026-11-09"))).isEqualTo(Status.SUSPENDED);
    assertThat(rule.statusOn(LocalDate.parse("2026-11-10"))).isEqualTo(Status.UNKNOWN);
    Facts owned = facts("H20", "MY", "MY").with("listed_share", "60");
    assertThat(RULES.check(owned, LocalDate.parse("2025-10-01")).strictest())
        .isEqualTo(Verdict.LICENCE_REQUIRED);
    assertThat(RULES.check(owned, LocalDate.parse("2025-12-01")).strictest())
        .isEqualTo(Verdict.NO_LICENCE);
  }

  @Test
  void afterTheLastVerifiedDay_allIsUnknownAndTheLastAnswerIsShown() {
    Assessment assessment = check("H100", "CN", "CN", "2026-11-21");
    verdicts(assessment, Verdict.UNKNOWN, Verdict.UNKNOWN, Verdict.UNKNOWN);
    assertThat(assessment.lastVerified()).isEqualTo(LocalDate.parse("2026-07-23"));
    assertThat(assessment.answer(Aspect.NUMBERS).reasons().toString())
        .contains("verified up to 2026-07-23");
    assertThat(assessment.asOfLastVerified().getFirst().verdict())
        .isEqualTo(Verdict.LICENCE_REQUIRED);
    assertThat(assessment.watch().toString()).contains("2026-12-31").contains("authorised");
    assertThat(check("H100", "CN", "CN", "2022-01-01").strictest()).isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void disputedAndMissingFigures_areUnknownOnlyWhereTheyDecide() {
    assertThat(check("MI308X", "CN", "CN", "2025-03-01").answer(Aspect.NUMBERS).verdict())
        .isEqualTo(Verdict.UNKNOWN);
    verdicts(
        check("MI308X", "CN", "CN", "2025-06-01"),
        Verdict.UNKNOWN,
        Verdict.LICENCE_REQUIRED,
        Verdict.UNKNOWN);
    // 26848 or 29360: above every threshold either way.
    assertThat(check("Gaudi 3", "CN", "CN", "2024-06-01").strictest())
        .isEqualTo(Verdict.PRESUMPTION_OF_DENIAL);
    assertThat(check("Xeon 6980P", "CN", "CN", "2024-10-01").answer(Aspect.NUMBERS).verdict())
        .isEqualTo(Verdict.UNKNOWN);
  }

  @Test
  void ascend_isAMatterForAPerson() {
    Assessment assessment = check("910C", "MY", "MY", "2025-08-01");
    assertThat(assessment.answer(Aspect.PARTY).reasons().toString())
        .contains("General Prohibition 10");
    assertThat(assessment.answer(Aspect.NUMBERS).verdict()).isEqualTo(Verdict.NO_LICENCE);
  }

  @Test
  void otherQuestions_areAnsweredApart() {
    Assessment assessment = check("H200", "CN", "CN", "2026-02-01");
    assertThat(assessment.answer(Aspect.RENTING).verdict()).isEqualTo(Verdict.MANUAL);
    assertThat(assessment.answer(Aspect.BUYER).verdict()).isEqualTo(Verdict.MANUAL);
    Assessment singapore = check("H200", "SG", "SG", "2026-02-01");
    assertThat(singapore.answer(Aspect.RENTING).verdict()).isEqualTo(Verdict.NO_LICENCE);
    assertThat(singapore.strictest()).isEqualTo(Verdict.NO_LICENCE);
    assertThat(check("H100", "CN", "CN", "2026-06-15").answer(Aspect.HOLDING).reasons().toString())
        .contains("Bona fide");
    Facts transit = facts("H100", "SG", "SG").with("from", "MY");
    assertThat(RULES.check(transit, LocalDate.parse("2025-08-01")).answer(Aspect.PARTY).verdict())
        .isEqualTo(Verdict.MANUAL);
    Facts super_ = facts("H20", "CN", "CN").with("purpose", "supercomputer");
    assertThat(RULES.check(super_, LocalDate.parse("2024-08-01")).strictest())
        .isEqualTo(Verdict.MANUAL);
  }

  @Test
  void foundry_presumesTheWorst() {
    Facts facts = facts("L20", "CN", "CN").with("seller", "foundry");
    Assessment assessment = RULES.check(facts, LocalDate.parse("2025-06-01"));
    assertThat(assessment.answer(Aspect.NUMBERS).verdict()).isEqualTo(Verdict.MANUAL);
    assertThat(assessment.answer(Aspect.NUMBERS).conditions().toString()).contains("30 billion");
  }

  @Test
  void timeline_ofTheH20_hasTheLetter() {
    Timeline timeline = RULES.timeline(facts("H20", "CN", "CN"));
    assertThat(timeline.begins()).isEqualTo(LocalDate.parse("2022-10-07"));
    assertThat(timeline.ends()).isEqualTo(LocalDate.parse("2026-07-23"));
    Timeline.Span before = null;
    for (Timeline.Span span : timeline.spans()) {
      assertThat(span.to()).isAfterOrEqualTo(span.from());
      if (before != null) {
        assertThat(span.from()).isEqualTo(before.to().plusDays(1));
      }
      boolean isLetter = !span.from().isBefore(LocalDate.parse("2025-04-09"));
      assertThat(span.answers().get(Aspect.LETTERS))
          .as(span.toString())
          .isEqualTo(isLetter ? Verdict.LICENCE_REQUIRED : Verdict.NO_LICENCE);
      before = span;
    }
    assertThat(before.to()).isEqualTo(timeline.ends());
    String svg = timeline.svg("H20 <to> CN & \"all\"");
    assertThat(svg).startsWith("<svg").contains("&lt;to&gt;").contains(Assessment.DISCLAIMER);
    assertThat(svg.toLowerCase(Locale.ROOT)).doesNotContain("<script").doesNotContain("href");
  }

  @Test
  void diff_ofTwoDays_listsWhatChanged() {
    assertThat(RULES.diff(LocalDate.parse("2026-01-14"), LocalDate.parse("2026-01-15")))
        .extracting(change -> change.rule().id())
        .containsExactlyInAnyOrder("us-2026-01-review", "us-2026-01-duty-1", "us-2026-01-duty-2");
    assertThat(RULES.diff(LocalDate.parse("2024-06-01"), LocalDate.parse("2024-06-02"))).isEmpty();
  }
}
