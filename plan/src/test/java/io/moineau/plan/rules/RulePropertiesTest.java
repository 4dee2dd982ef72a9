package io.moineau.plan.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.plan.expr.Truth;
import io.moineau.plan.expr.Value;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.LocalDate;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What holds of the standard rules whatever the chip, the place and the day. */
class RulePropertiesTest {
  private static final Rules RULES = Rules.standard();
  private static final LocalDate FIRST = LocalDate.parse("2022-10-07");
  private static final int DAYS = 1385; // to 2026-07-23
  private static final List<String> PLACES =
      List.of("CN", "MO", "HK", "SA", "VN", "SG", "MY", "FR");

  private static Facts random(Random random, BigDecimal tpp, BigDecimal area) {
    Facts facts =
        Facts.none()
            .with("vendor", random.nextBoolean() ? "NVIDIA" : "AMD")
            .with("vendor_country", "US")
            .with("chip", "made up")
            .with("kind", "gpu")
            .with("us_item", "true")
            .with("co_packaged", "true")
            .with("datacentre", Truth.of(random.nextInt(4) > 0))
            .with("dram_bw", Value.number(BigDecimal.valueOf(500 + random.nextInt(8000))))
            .with("io_bw", Value.number(BigDecimal.valueOf(64 + random.nextInt(1200))))
            .with("to", PLACES.get(random.nextInt(PLACES.size())))
            .with("end_user_hq", PLACES.get(random.nextInt(PLACES.size())))
            .with("from", random.nextInt(3) > 0 ? "US" : "SG");
    return withPerformance(facts, tpp, area);
  }

  private static Facts withPerformance(Facts facts, BigDecimal tpp, BigDecimal area) {
    return facts
        .with("tpp", Value.number(tpp))
        .with("pd", Value.number(tpp.divide(area, MathContext.DECIMAL128)));
  }

  /** Near thresholds more often than not. */
  private static BigDecimal performance(Random random) {
    int[] limits = {1600, 2400, 4800, 14000, 17500, 20800, 21000, 21100};
    int near = limits[random.nextInt(limits.length)];
    return random.nextBoolean()
        ? BigDecimal.valueOf(Math.max(1, near * 10L + random.nextInt(41) - 20), 1)
        : BigDecimal.valueOf(1 + random.nextInt(60_000));
  }

  @Test
  void raisingPerformance_neverLoosensAThreshold() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int stricter = 0;
    for (int i = 0; i < 600; i++) {
      BigDecimal tpp = performance(random);
      BigDecimal area = BigDecimal.valueOf(100 + random.nextInt(1500));
      BigDecimal more = tpp.add(performance(random));
      Facts low = random(random, tpp, area);
      Facts high = withPerformance(low, more, area);
      LocalDate date = FIRST.plusDays(random.nextInt(DAYS));
      Assessment before = RULES.check(low, date);
      Assessment after = RULES.check(high, date);
      for (Aspect aspect : List.of(Aspect.NUMBERS, Aspect.LETTERS, Aspect.PARTY)) {
        Verdict one = before.answer(aspect).verdict();
        Verdict two = after.answer(aspect).verdict();
        assertThat(two)
            .as("seed %d: %s on %s, %s to %s, %s", seed, aspect, date, tpp, more, low.json())
            .isGreaterThanOrEqualTo(one);
        stricter += two.compareTo(one) > 0 ? 1 : 0;
      }
      assertThat(level(after))
          .as("seed %d: %s on %s", seed, low.json(), date)
          .isGreaterThanOrEqualTo(level(before));
    }
    assertThat(stricter).as("seed %d", seed).isGreaterThan(20);
  }

  /** The class of a chip: 0 for none, 1 for b, 2 for a and for the rule of 2022. */
  private static int level(Assessment assessment) {
    int level = 0;
    for (String paragraph : assessment.paragraphs()) {
      boolean isHigh = paragraph.startsWith("3A090.a") || paragraph.equals("3A090.2022");
      level = Math.max(level, isHigh ? 2 : 1);
    }
    return level;
  }

  @Test
  void rules_outsideTheirDates_neverCount() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    int counted = 0;
    for (int i = 0; i < 600; i++) {
      Facts facts = random(random, performance(random), BigDecimal.valueOf(600));
      facts = facts.with("listed_share", "80").with("listed_party", Truth.of(random.nextBoolean()));
      LocalDate date = FIRST.minusDays(400).plusDays(random.nextInt(2400));
      for (Answer answer : RULES.check(facts, date).answers()) {
        for (Weighed one : answer.rules()) {
          if (!one.counts()) {
            continue;
          }
          counted++;
          Rule rule = one.rule();
          assertThat(date)
              .as("seed %d: %s", seed, rule.id())
              .isAfterOrEqualTo(rule.periods().getFirst().from())
              .isBeforeOrEqualTo(rule.verified());
          assertThat(rule.periodOn(date).orElseThrow().status().counts()).isTrue();
          assertThat(one.met()).isEqualTo(Truth.YES);
        }
      }
    }
    assertThat(counted).as("seed %d", seed).isGreaterThan(400);
  }

  @Test
  void outsideTheVerifiedDays_everyAnswerOnADeliveryIsUnknown() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 300; i++) {
      Facts facts = random(random, performance(random), BigDecimal.valueOf(600));
      LocalDate date =
          random.nextBoolean()
              ? LocalDate.parse("2026-07-24").plusDays(random.nextInt(5000))
              : FIRST.minusDays(1 + random.nextInt(5000));
      Assessment assessment = RULES.check(facts, date);
      assertThat(assessment.strictest()).as("seed %d: %s", seed, date).isEqualTo(Verdict.UNKNOWN);
      assertThat(assessment.answers())
          .filteredOn(answer -> answer.aspect().isDelivery())
          .allMatch(answer -> answer.verdict() == Verdict.UNKNOWN);
    }
  }

  /**
   * A figure that is only known as a range never gives an answer that one of its points would not.
   */
  @Test
  void rangesOfFigures_decideOnlyWhereTheirEndsAgree() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      BigDecimal low = performance(random);
      BigDecimal high = low.add(BigDecimal.valueOf(random.nextInt(3000)));
      BigDecimal area = BigDecimal.valueOf(700);
      LocalDate date = FIRST.plusDays(random.nextInt(DAYS));
      Facts point = random(random, low, area);
      Facts range =
          point
              .with("tpp", new Value.Range(low, high))
              .with(
                  "pd",
                  new Value.Range(
                      low.divide(area, MathContext.DECIMAL128),
                      high.divide(area, MathContext.DECIMAL128)));
      Verdict wide = RULES.check(range, date).answer(Aspect.NUMBERS).verdict();
      Verdict one = RULES.check(point, date).answer(Aspect.NUMBERS).verdict();
      Verdict other =
          RULES.check(withPerformance(point, high, area), date).answer(Aspect.NUMBERS).verdict();
      if (wide == Verdict.NO_LICENCE || wide == Verdict.PRESUMPTION_OF_DENIAL) {
        assertThat(List.of(one, other)).as("seed %d: %s", seed, range.json()).containsOnly(wide);
      }
    }
  }
}
