package io.moineau.plan.audit;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.expr.Truth;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One way to read a quota: what is counted, what is domestic, and how much of it suffices.
 *
 * <p>A share is the part of what is domestic. That it is more than {@code part} is linear in the
 * counts: the sum over all chips of {@link #score} is above zero, where a domestic chip scores
 * {@code (1 - part) x amount} and a foreign one {@code -part x amount}.
 *
 * @param unit what is counted
 * @param meaning of domestic
 * @param part of the whole, 0 to 1
 * @param orEqual whether exactly that part suffices
 */
public record Reading(Unit unit, Meaning meaning, BigDecimal part, boolean orEqual) {
  /** Every reading of a quota under which these sites have a share. */
  static List<Reading> of(
      Scope scope, List<String> pools, BigDecimal part, boolean orEqual, ReadingFilter filter) {
    List<Reading> readings = new ArrayList<>();
    for (Unit unit : Unit.all()) {
      boolean isKnown =
          scope.items().stream()
              .allMatch(i -> !unit.counts(i) || unit.amount().apply(i).isPresent());
      // Where all must be domestic, what is counted makes no difference.
      boolean isAsked =
          part.compareTo(BigDecimal.ONE) < 0 ? filter.has(unit) : unit.name().equals("chips");
      if (isAsked && pools.contains(unit.pool()) && unit.isAbout(scope.items()) && isKnown) {
        for (Meaning meaning : filter.kept()) {
          readings.add(new Reading(unit, meaning, part, orEqual));
        }
      }
    }
    return readings;
  }

  /**
   * What one chip adds to the sum that must be above zero; exact.
   *
   * @param isCautious whether what is not known is taken as it is worst for the share, else as it
   *     is best
   */
  BigDecimal score(Site site, Item item, boolean isCautious) {
    if (!unit.counts(item)) {
      return BigDecimal.ZERO;
    }
    Truth domestic = meaning.domestic(item, site.country());
    Optional<Figure> amount = unit.amount().apply(item);
    if (amount.isEmpty()) {
      return BigDecimal.ZERO;
    }
    boolean counts = domestic == Truth.YES || domestic == Truth.UNKNOWN && !isCautious;
    BigDecimal size = counts == isCautious ? amount.get().low() : amount.get().high();
    return counts ? size.multiply(BigDecimal.ONE.subtract(part)) : size.multiply(part).negate();
  }

  /** What one chip surely adds to the domestic part; zero where it is not domestic. */
  BigDecimal domestic(Site site, Item item, boolean isCautious) {
    Truth domestic = unit.counts(item) ? meaning.domestic(item, site.country()) : Truth.NO;
    boolean counts = domestic == Truth.YES || domestic == Truth.UNKNOWN && !isCautious;
    Optional<Figure> amount = unit.amount().apply(item);
    return counts && amount.isPresent()
        ? isCautious ? amount.get().low() : amount.get().high()
        : BigDecimal.ZERO;
  }

  /** {@code computing chips: vendor of the country, more than 50 %}. */
  public String text() {
    return unit.pool() + " " + unit.name() + ": " + meaning.words() + ", " + threshold();
  }

  /** {@code more than 50 %}. */
  public String threshold() {
    String percent = part.movePointRight(2).stripTrailingZeros().toPlainString() + " %";
    boolean isAll = part.compareTo(BigDecimal.ONE) == 0;
    return isAll ? "all of it" : (orEqual ? "at least " : "more than ") + percent;
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("pool", unit.pool());
    json.put("unit", unit.name());
    json.put("domestic", meaning.words());
    json.put("part", part);
    json.put("or_equal", orEqual);
    return json;
  }
}
