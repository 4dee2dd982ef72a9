package io.moineau.plan.audit;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Precision;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What chips come to together: peaks in T/s, memory in GB and GB/s, power in kW, storage in TB, and
 * what they are worth. A chip whose figure is not known adds nothing to it and is named.
 *
 * @param amounts by name, in the order in which they are shown; without those that are zero
 * @param missing by name of the amount: chips whose figure is not known
 */
public record Totals(Map<String, Amount> amounts, Map<String, Set<String>> missing) {
  /**
   * A sum.
   *
   * @param low the least that it can be
   * @param value the best known; the least where no figure is better than another
   * @param high the most
   */
  public record Amount(BigDecimal low, BigDecimal value, BigDecimal high) {
    /** As plain values for JSON. */
    public Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("low", low);
      json.put("value", value);
      json.put("high", high);
      return json;
    }
  }

  /** Nothing. */
  public static final Totals NONE = new Totals(Map.of(), Map.of());

  private static final BigDecimal THOUSAND = BigDecimal.valueOf(1000);

  static Totals of(Map<Item, BigDecimal> counts, Catalogue catalogue) {
    Map<String, Amount> amounts = new LinkedHashMap<>();
    Map<String, Set<String>> missing = new LinkedHashMap<>();
    Map<String, Function<Item, Optional<Figure>>> kinds = kinds(catalogue);
    kinds.forEach((name, figure) -> {
      boolean isStorage = name.equals("storage TB");
      BigDecimal[] sum = {BigDecimal.ZERO, BigDecimal.ZERO, BigDecimal.ZERO};
      counts.forEach((item, count) -> {
        boolean isAsked = name.equals("value") || item.storage() == isStorage;
        if (!isAsked || count.signum() == 0) {
          return;
        }
        Optional<Figure> one = figure.apply(item);
        if (one.isEmpty()) {
          missing.computeIfAbsent(name, key -> new LinkedHashSet<>()).add(item.name());
          return;
        }
        sum[0] = sum[0].add(one.get().low().multiply(count));
        sum[1] = sum[1].add(best(one.get()).multiply(count));
        sum[2] = sum[2].add(one.get().high().multiply(count));
      });
      if (sum[2].signum() > 0) {
        amounts.put(name, new Amount(plain(sum[0]), plain(sum[1]), plain(sum[2])));
      }
    });
    return new Totals(amounts, missing);
  }

  private static BigDecimal plain(BigDecimal sum) {
    BigDecimal shorter = sum.stripTrailingZeros();
    return shorter.scale() < 0 ? shorter.setScale(0) : shorter;
  }

  private static Map<String, Function<Item, Optional<Figure>>> kinds(Catalogue catalogue) {
    Map<String, Function<Item, Optional<Figure>>> kinds = new LinkedHashMap<>();
    for (Unit unit : Unit.all()) {
      if (unit.name().endsWith(" T/s")) {
        kinds.put(unit.name(), unit.amount());
      }
    }
    kinds.put("memory GB", item -> figure(item, catalogue, Chip.Field.MEMORY_GB));
    kinds.put("memory GB/s", item -> figure(item, catalogue, Chip.Field.MEMORY_GBS));
    kinds.put(
        "power kW",
        item ->
            figure(item, catalogue, Chip.Field.TDP_W)
                .map(f ->
                    new Figure(
                        Optional.of(best(f).divide(THOUSAND)),
                        f.low().divide(THOUSAND),
                        f.high().divide(THOUSAND),
                        f.quality(),
                        f.derived(),
                        f.note(),
                        f.sources())));
    kinds.put("storage TB", item -> item.terabytes().map(Unit::exact));
    kinds.put("value", Item::price);
    return kinds;
  }

  private static Optional<Figure> figure(Item item, Catalogue catalogue, Chip.Field field) {
    return catalogue.find(item.name()).flatMap(chip -> chip.figure(field));
  }

  /** The best known number; the lowest where no source is better than another. */
  static BigDecimal best(Figure figure) {
    return figure.value().orElse(figure.low());
  }

  /** 16-bit compute of one chip, T/s: zero where it is not known. */
  static BigDecimal compute(Item item) {
    BigDecimal most = BigDecimal.ZERO;
    for (Precision precision : List.of(Precision.FP16, Precision.BF16)) {
      Figure peak = item.peaks().get(precision);
      most = peak == null ? most : most.max(best(peak));
    }
    return most;
  }

  /** Bandwidth of one chip's memory, GB/s: zero where it is not known. */
  static BigDecimal bandwidth(Item item, Catalogue catalogue) {
    return figure(item, catalogue, Chip.Field.MEMORY_GBS).map(Totals::best).orElse(BigDecimal.ZERO);
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    amounts.forEach((name, amount) -> json.put(name, amount.json()));
    return json;
  }
}
