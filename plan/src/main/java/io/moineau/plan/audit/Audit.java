package io.moineau.plan.audit;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.rules.Answer;
import io.moineau.plan.rules.Aspect;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Rules;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The shares of domestic chips at one site, or at several together, under every reading, and what
 * the rules ask of it.
 *
 * @param scope the site, or the sites
 * @param date the day
 * @param shares under each reading
 * @param omitted readings that have no share, and why
 * @param rules the answer of the rules on what a site may consist of; empty for several sites
 */
public record Audit(
    Scope scope, LocalDate date, List<Share> shares, List<String> omitted, Optional<Answer> rules) {
  /** Quotas are said to be "more than half", and by some "at least half". */
  static final BigDecimal HALF = new BigDecimal("0.5");

  /**
   * A share under one reading; a range where figures, or where chips are from, are not known.
   *
   * @param pool computing, storage, or both together
   * @param unit what is counted
   * @param meaning of domestic
   * @param low the lowest that the share can be, 0 to 1
   * @param high the highest
   */
  public record Share(String pool, String unit, Meaning meaning, BigDecimal low, BigDecimal high) {
    /** Whether it is more than half. */
    public Truth isMoreThanHalf() {
      return low.compareTo(HALF) > 0 ? Truth.YES : open(high.compareTo(HALF) > 0);
    }

    /** Whether it is at least half. */
    public Truth isAtLeastHalf() {
      return low.compareTo(HALF) >= 0 ? Truth.YES : open(high.compareTo(HALF) >= 0);
    }

    private static Truth open(boolean isOpen) {
      return isOpen ? Truth.UNKNOWN : Truth.NO;
    }

    /** {@code 37.5 %} or {@code 20.0 to 60.0 %}. */
    public String text() {
      return low.compareTo(high) == 0
          ? percent(low) + " %"
          : percent(low) + " to " + percent(high) + " %";
    }

    private static String percent(BigDecimal part) {
      return part.movePointRight(2).setScale(1, RoundingMode.HALF_UP).toPlainString();
    }

    /** As plain values for JSON. */
    public Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("pool", pool);
      json.put("unit", unit);
      json.put("domestic", meaning.words());
      json.put("low", low);
      json.put("high", high);
      json.put("more_than_half", isMoreThanHalf().text());
      json.put("at_least_half", isAtLeastHalf().text());
      return json;
    }
  }

  /** The shares of one site on a day, and what the rules say; without what would change them. */
  public static Audit of(Site site, Rules rules, LocalDate date) {
    return of(site, rules, date, ReadingFilter.ALL);
  }

  static Audit of(Site site, Rules rules, LocalDate date, ReadingFilter filter) {
    return of(Scope.of(site), date, Optional.of(rules(site, rules, date)), filter);
  }

  /** The same of sites together. */
  static Audit of(Scope scope, LocalDate date, Optional<Answer> rules, ReadingFilter filter) {
    List<Share> shares = new ArrayList<>();
    List<String> omitted = new ArrayList<>();
    List<Item> items = scope.items();
    for (Unit unit : Unit.all()) {
      if (!filter.has(unit) || !unit.isAbout(items)) {
        continue;
      }
      List<String> unknown =
          items.stream()
              .filter(i -> unit.counts(i) && unit.amount().apply(i).isEmpty())
              .map(Item::name)
              .distinct()
              .toList();
      if (!unknown.isEmpty()) {
        omitted.add(
            unit.pool() + " by " + unit.name() + ": not known for " + String.join(", ", unknown));
        continue;
      }
      for (Meaning meaning : filter.kept()) {
        Reading reading = new Reading(unit, meaning, HALF, false);
        shares.add(
            new Share(
                unit.pool(),
                unit.name(),
                meaning,
                share(scope, reading, true),
                share(scope, reading, false)));
      }
    }
    return new Audit(scope, date, List.copyOf(shares), List.copyOf(omitted), rules);
  }

  /** The lowest or the highest that a share can be. */
  private static BigDecimal share(Scope scope, Reading reading, boolean isLowest) {
    BigDecimal domestic = BigDecimal.ZERO;
    BigDecimal score = BigDecimal.ZERO;
    for (Site site : scope.sites()) {
      for (Item item : site.items()) {
        domestic = domestic.add(reading.domestic(site, item, isLowest).multiply(item.count()));
        score = score.add(reading.score(site, item, isLowest).multiply(item.count()));
      }
    }
    // score = domestic x (1 - part) - foreign x part
    BigDecimal foreign =
        domestic
            .multiply(BigDecimal.ONE.subtract(reading.part()))
            .subtract(score)
            .divide(reading.part(), MathContext.DECIMAL128);
    BigDecimal all = domestic.add(foreign);
    return all.signum() == 0 ? BigDecimal.ZERO : domestic.divide(all, MathContext.DECIMAL128);
  }

  /** What is known of a site, for the rules. */
  static Facts facts(Site site) {
    String vendorCountry =
        site.items().stream()
            .filter(item -> !item.storage())
            .map(Item::vendorCountry)
            .filter(country -> !country.equals(site.country()))
            .findFirst()
            .orElse(site.country());
    Facts facts =
        Facts.none()
            .with("chip", "the chips of the site")
            .with("to", site.country())
            .with("vendor", "several")
            .with("vendor_country", vendorCountry);
    facts = site.region().isEmpty() ? facts : facts.with("region", site.region());
    facts = site.owner().isEmpty() ? facts : facts.with("owner", site.owner());
    if (site.stateFunded().isPresent()) {
      facts = facts.with("state_funded", Truth.of(site.stateFunded().get()));
    }
    if (site.completion().isPresent()) {
      facts = facts.with("completion", site.completion().get().toPlainString());
    }
    return facts;
  }

  private static Answer rules(Site site, Rules rules, LocalDate date) {
    Assessment assessment = rules.check(facts(site), date);
    return assessment.answers().stream()
        .filter(answer -> answer.aspect() == Aspect.SITE)
        .findFirst()
        .orElseGet(() ->
            new Answer(
                Aspect.SITE,
                io.moineau.plan.rules.Verdict.NO_LICENCE,
                List.of("no rule of these data on sites of " + site.country()),
                List.of(),
                List.of()));
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("site", scope.name());
    if (scope.sites().size() == 1) {
      Site site = scope.sites().getFirst();
      json.put("country", site.country());
      json.put("region", site.region());
      json.put("owner", site.owner());
      site.stateFunded().ifPresent(is -> json.put("state_funded", is));
      site.completion().ifPresent(part -> json.put("completion", part));
    } else {
      json.put("of", scope.sites().stream().map(Site::name).toList());
    }
    json.put("date", date.toString());
    json.put("shares", shares.stream().map(Share::json).toList());
    json.put("omitted", omitted);
    rules.ifPresent(answer -> json.put("rules", answer.json()));
    return json;
  }
}
