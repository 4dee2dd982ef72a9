package io.moineau.plan.audit;

import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Precision;
import io.moineau.plan.chips.Quality;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * What a share is counted in, and of which chips.
 *
 * @param pool computing, storage, or both together
 * @param name chips, TB, value, or a precision such as {@code fp16 T/s}
 * @param amount of one chip; empty where it is not known
 */
public record Unit(String pool, String name, Function<Item, Optional<Figure>> amount) {
  /** Pools that shares are of. */
  public static final List<String> POOLS = List.of("computing", "storage", "together");

  private static final Figure ONE = exact(BigDecimal.ONE);
  private static final Figure NONE = exact(BigDecimal.ZERO);
  private static final List<Unit> ALL = units();

  private static List<Unit> units() {
    List<Unit> units = new ArrayList<>();
    units.add(new Unit("computing", "chips", item -> Optional.of(ONE)));
    for (Precision precision : Precision.values()) {
      units.add(new Unit("computing", precision.key() + " T/s", item -> peak(item, precision)));
    }
    units.add(new Unit("computing", "value", Item::price));
    units.add(new Unit("storage", "chips", item -> Optional.of(ONE)));
    units.add(new Unit("storage", "TB", item -> item.terabytes().map(Unit::exact)));
    units.add(new Unit("storage", "value", Item::price));
    units.add(new Unit("together", "chips", item -> Optional.of(ONE)));
    units.add(new Unit("together", "value", Item::price));
    return List.copyOf(units);
  }

  /** A chip without a peak at a precision adds nothing at that precision. */
  private static Optional<Figure> peak(Item item, Precision precision) {
    return item.peaks().isEmpty()
        ? Optional.empty()
        : Optional.of(item.peaks().getOrDefault(precision, NONE));
  }

  /** All of them, in the order in which they are shown. */
  public static List<Unit> all() {
    return ALL;
  }

  static Figure exact(BigDecimal number) {
    return new Figure(Optional.of(number), number, number, Quality.A, false, "", List.of());
  }

  /** A word for it: {@code fp16}, {@code chips}. */
  public String word() {
    return name.replace(" T/s", "");
  }

  /** Whether it counts such chips. */
  public boolean counts(Item item) {
    return switch (pool) {
      case "computing" -> !item.storage();
      case "storage" -> item.storage();
      default -> true;
    };
  }

  /** Whether there is anything to share among these chips. */
  boolean isAbout(List<Item> items) {
    boolean isPeak = name.endsWith(" T/s");
    boolean any =
        items.stream()
            .filter(this::counts)
            .anyMatch(
                i -> !isPeak || amount.apply(i).filter(f -> f.high().signum() > 0).isPresent());
    boolean both =
        items.stream().anyMatch(Item::storage) && items.stream().anyMatch(i -> !i.storage());
    return any && (!pool.equals("together") || both);
  }
}
