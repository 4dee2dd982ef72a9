package io.moineau.plan.audit;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Precision;
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
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The shares of domestic chips at one site under every reading, and what the rules ask of it.
 *
 * @param site the site
 * @param date the day
 * @param shares under each reading
 * @param omitted readings that have no share, and why
 * @param rules the answer of the rules on what a site may consist of
 */
public record Audit(
    Site site, LocalDate date, List<Share> shares, List<String> omitted, Answer rules) {
  /** Quotas are said to be "more than half", and by some "at least half". */
  private static final BigDecimal HALF = new BigDecimal("0.5");

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

  /** Audits one site on a day. */
  public static Audit of(Site site, Rules rules, LocalDate date) {
    List<Share> shares = new ArrayList<>();
    List<String> omitted = new ArrayList<>();
    Function<Item, Optional<Figure>> one = item -> Optional.of(exact(BigDecimal.ONE));
    Predicate<Item> computing = item -> !item.storage();
    add(shares, omitted, site, "computing", "chips", computing, one);
    for (Precision precision : Precision.values()) {
      boolean isKnown = site.items().stream().anyMatch(i -> i.peaks().containsKey(precision));
      if (isKnown) {
        // A chip without a peak at a precision adds nothing at that precision.
        add(
            shares,
            omitted,
            site,
            "computing",
            precision.key() + " T/s",
            computing,
            item ->
                item.peaks().isEmpty()
                    ? Optional.empty()
                    : Optional.of(item.peaks().getOrDefault(precision, exact(BigDecimal.ZERO))));
      }
    }
    add(shares, omitted, site, "computing", "value", computing, Item::price);
    add(shares, omitted, site, "storage", "chips", Item::storage, one);
    add(
        shares,
        omitted,
        site,
        "storage",
        "TB",
        Item::storage,
        item -> item.terabytes().map(Audit::exact));
    add(shares, omitted, site, "storage", "value", Item::storage, Item::price);
    add(shares, omitted, site, "together", "chips", item -> true, one);
    add(shares, omitted, site, "together", "value", item -> true, Item::price);
    return new Audit(
        site, date, List.copyOf(shares), List.copyOf(omitted), rules(site, rules, date));
  }

  private static Figure exact(BigDecimal number) {
    return new Figure(
        Optional.of(number), number, number, io.moineau.plan.chips.Quality.A, false, "", List.of());
  }

  private static void add(
      List<Share> shares,
      List<String> omitted,
      Site site,
      String pool,
      String unit,
      Predicate<Item> which,
      Function<Item, Optional<Figure>> amount) {
    List<Item> items = site.items().stream().filter(which).toList();
    boolean isBoth = !pool.equals("together") || site.items().stream().anyMatch(Item::storage);
    if (items.isEmpty() || !isBoth) {
      return;
    }
    List<String> unknown =
        items.stream().filter(i -> amount.apply(i).isEmpty()).map(Item::name).distinct().toList();
    if (!unknown.isEmpty()) {
      omitted.add(pool + " by " + unit + ": not known for " + String.join(", ", unknown));
      return;
    }
    for (Meaning meaning : Meaning.values()) {
      share(items, site.country(), meaning, amount)
          .ifPresent(ends -> shares.add(new Share(pool, unit, meaning, ends[0], ends[1])));
    }
  }

  /** The lowest and the highest share; empty where there is nothing to share. */
  private static Optional<BigDecimal[]> share(
      List<Item> items, String country, Meaning meaning, Function<Item, Optional<Figure>> amount) {
    BigDecimal leastDomestic = BigDecimal.ZERO;
    BigDecimal mostDomestic = BigDecimal.ZERO;
    BigDecimal leastForeign = BigDecimal.ZERO;
    BigDecimal mostForeign = BigDecimal.ZERO;
    for (Item item : items) {
      Figure figure = amount.apply(item).orElseThrow();
      BigDecimal low = figure.low().multiply(item.count());
      BigDecimal high = figure.high().multiply(item.count());
      Truth domestic = meaning.domestic(item, country);
      if (domestic != Truth.NO) {
        mostDomestic = mostDomestic.add(high);
        leastDomestic = domestic == Truth.YES ? leastDomestic.add(low) : leastDomestic;
      }
      if (domestic != Truth.YES) {
        mostForeign = mostForeign.add(high);
        leastForeign = domestic == Truth.NO ? leastForeign.add(low) : leastForeign;
      }
    }
    BigDecimal lowAll = leastDomestic.add(mostForeign);
    BigDecimal highAll = mostDomestic.add(leastForeign);
    if (lowAll.signum() == 0 && highAll.signum() == 0) {
      return Optional.empty();
    }
    return Optional.of(new BigDecimal[] {part(leastDomestic, lowAll), part(mostDomestic, highAll)});
  }

  private static BigDecimal part(BigDecimal some, BigDecimal all) {
    return all.signum() == 0 ? BigDecimal.ZERO : some.divide(all, MathContext.DECIMAL128);
  }

  private static Answer rules(Site site, Rules rules, LocalDate date) {
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
    Assessment assessment = rules.check(facts, date);
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
    json.put("site", site.name());
    json.put("country", site.country());
    json.put("date", date.toString());
    json.put("shares", shares.stream().map(Share::json).toList());
    json.put("omitted", omitted);
    json.put("rules", rules.json());
    return json;
  }
}
