package io.moineau.plan.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.audit.Change.Status;
import io.moineau.plan.audit.ChangeLimits.Kind;
import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Precision;
import io.moineau.plan.chips.Quality;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Least changes of small random fleets against all changes that there are. */
class ChangeSearchTest {
  private static final Catalogue CHIPS = Catalogue.standard();
  private static final List<Unit> UNITS =
      Unit.all().stream()
          .filter(u -> Set.of("chips", "fp16 T/s", "value").contains(u.name()))
          .filter(u -> u.pool().equals("computing"))
          .toList();

  /** The best of all changes: chips, cost, loss. */
  private record Best(long chips, double cost, double loss) {}

  @Test
  void changes_ofSmallFleets_areAsSmallAsTheBestOfAll() {
    int found = 0;
    for (int seed = 0; seed < 120; seed++) {
      Random random = new Random(seed);
      Case one = new Case(random);
      Optional<Best> best = one.best();
      Change change = one.search().least(one.readings, one.isCautious);
      if (best.isEmpty()) {
        assertThat(change.status()).as("seed %s", seed).isEqualTo(Status.IMPOSSIBLE);
        assertThat(change.why()).as("seed %s", seed).isNotEmpty();
        continue;
      }
      if (best.get().chips() == 0) {
        assertThat(change.status()).as("seed %s", seed).isEqualTo(Status.PASSES);
        continue;
      }
      found++;
      assertThat(change.status()).as("seed %s", seed).isEqualTo(Status.LEAST);
      assertThat(change.chips()).as("seed %s", seed).isEqualTo(best.get().chips());
      assertThat(change.cost().orElseThrow().doubleValue())
          .as("seed %s", seed)
          .isCloseTo(best.get().cost(), within(1e-6));
      assertThat(one.loss(change))
          .as("seed %s", seed)
          .isCloseTo(best.get().loss(), within(1e-4 * Math.max(1, Math.abs(best.get().loss()))));
    }
    assertThat(found).isGreaterThan(40);
  }

  /** A site with few chips, few candidates, some readings and limits. */
  private static final class Case {
    private final List<Item> here = new ArrayList<>();
    private final List<Item> candidates = new ArrayList<>();
    private final List<Reading> readings = new ArrayList<>();
    private final boolean isCautious;
    private final ChangeLimits limits;

    Case(Random random) {
      int kinds = 1 + random.nextInt(2);
      for (int i = 0; i < kinds + 1; i++) {
        here.add(item(random, "here" + i, random.nextInt(5), random.nextInt(4) == 0));
      }
      for (int i = 0; i < 2; i++) {
        candidates.add(item(random, "new" + i, random.nextInt(6), random.nextInt(4) > 0));
      }
      isCautious = random.nextInt(4) > 0;
      int asked = 1 + random.nextInt(3);
      for (int i = 0; i < asked; i++) {
        readings.add(
            new Reading(
                UNITS.get(random.nextInt(UNITS.size())),
                Meaning.values()[random.nextInt(4)],
                new BigDecimal(random.nextInt(5) == 0 ? "0.3" : "0.5"),
                random.nextBoolean()));
      }
      Set<Kind> allowed = EnumSet.noneOf(Kind.class);
      Stream.of(Kind.values()).filter(k -> random.nextInt(3) > 0).forEach(allowed::add);
      limits =
          new ChangeLimits(
              allowed.isEmpty() ? EnumSet.allOf(Kind.class) : allowed,
              some(random, 30 + random.nextInt(200)),
              some(random, 0.7),
              some(random, 2 + random.nextInt(12)));
    }

    private static Optional<BigDecimal> some(Random random, double value) {
      return random.nextInt(4) == 0 ? Optional.of(BigDecimal.valueOf(value)) : Optional.empty();
    }

    private static Item item(Random random, String name, int count, boolean isDomestic) {
      String[] places = isDomestic ? new String[] {"CN", "CN", ""} : new String[] {"US", "TW", ""};
      BigDecimal speed = BigDecimal.valueOf(10 + random.nextInt(900), 1);
      BigDecimal most = random.nextInt(3) == 0 ? speed.multiply(new BigDecimal("1.5")) : speed;
      return new Item(
          name,
          false,
          BigDecimal.valueOf(count),
          isDomestic ? "CN" : "US",
          "",
          places[random.nextInt(3)],
          random.nextBoolean()
              ? Optional.of(BigDecimal.valueOf(random.nextInt(101)))
              : Optional.empty(),
          Optional.of(Unit.exact(BigDecimal.valueOf(1 + random.nextInt(40)))),
          Map.of(
              Precision.FP16,
              new Figure(Optional.of(speed), speed, most, Quality.A, false, "", List.of())),
          Optional.empty(),
          Optional.empty(),
          random.nextInt(5) == 0 ? Optional.of(BigDecimal.valueOf(count / 2)) : Optional.empty());
    }

    private static Site site(List<Item> items) {
      return new Site(
          "s",
          "CN",
          "",
          "",
          Optional.empty(),
          Optional.empty(),
          items,
          Optional.empty(),
          Optional.empty(),
          List.of());
    }

    ChangeSearch search() {
      return new ChangeSearch(Scope.of(site(here)), List.of(candidates), CHIPS, limits);
    }

    /** Tries every number that may leave and that may come. */
    Optional<Best> best() {
      int n = here.size() + candidates.size();
      int[] most = new int[n];
      int all = 1;
      for (int i = 0; i < n; i++) {
        Item item = i < here.size() ? here.get(i) : candidates.get(i - here.size());
        most[i] =
            i < here.size()
                ? item.removable().orElse(item.count()).intValueExact()
                : item.count().intValueExact();
        all *= most[i] + 1;
      }
      Best best = null;
      for (int code = 0; code < all; code++) {
        int[] moved = new int[n];
        int rest = code;
        for (int i = 0; i < n; i++) {
          moved[i] = rest % (most[i] + 1);
          rest /= most[i] + 1;
        }
        Best one = weigh(moved);
        if (one != null && (best == null || isBetter(one, best))) {
          best = one;
        }
      }
      return Optional.ofNullable(best);
    }

    private static boolean isBetter(Best a, Best b) {
      if (a.chips() != b.chips()) {
        return a.chips() < b.chips();
      }
      return a.cost() != b.cost() ? a.cost() < b.cost() : a.loss() < b.loss();
    }

    private Best weigh(int[] moved) {
      int out = 0;
      int in = 0;
      double cost = 0;
      List<Item> after = new ArrayList<>();
      for (int i = 0; i < moved.length; i++) {
        if (i < here.size()) {
          out += moved[i];
          Item item = here.get(i);
          after.add(item.times(item.count().subtract(BigDecimal.valueOf(moved[i]))));
        } else {
          in += moved[i];
          Item item = candidates.get(i - here.size());
          cost += moved[i] * item.price().orElseThrow().high().doubleValue();
          after.add(item.times(BigDecimal.valueOf(moved[i])));
        }
      }
      Set<Kind> kinds = limits.kinds();
      boolean isSwap = kinds.contains(Kind.SWAP);
      if (in > (isSwap ? out : 0) && !kinds.contains(Kind.ADD)
          || out > (isSwap ? in : 0) && !kinds.contains(Kind.REMOVE)) {
        return null;
      }
      double before = speed(here);
      if (limits.budget().isPresent() && cost > limits.budget().get().doubleValue()
          || limits.mostChips().isPresent() && count(after) > limits.mostChips().get().doubleValue()
          || limits.keep().isPresent() && speed(after) < 0.7 * before - 1e-9) {
        return null;
      }
      for (Reading reading : readings) {
        if (!passes(after, reading)) {
          return null;
        }
      }
      return new Best(isSwap ? Math.max(in, out) : in + out, cost, before - speed(after));
    }

    private static double count(List<Item> items) {
      return items.stream().mapToDouble(i -> i.count().doubleValue()).sum();
    }

    private static double speed(List<Item> items) {
      return items.stream()
          .mapToDouble(i ->
              i.count().doubleValue()
                  * i.peaks().get(Precision.FP16).value().orElseThrow().doubleValue())
          .sum();
    }

    /** By the shares' definition: domestic amount over all of it, in its worst or best case. */
    private boolean passes(List<Item> items, Reading reading) {
      double domestic = 0;
      double foreign = 0;
      for (Item item : items) {
        Figure amount = reading.unit().amount().apply(item).orElseThrow();
        boolean is =
            switch (reading.meaning().domestic(item, "CN")) {
              case YES -> true;
              case NO -> false;
              case UNKNOWN -> !isCautious;
            };
        double one = (is == isCautious ? amount.low() : amount.high()).doubleValue();
        if (is) {
          domestic += one * item.count().doubleValue();
        } else {
          foreign += one * item.count().doubleValue();
        }
      }
      double gap = domestic - reading.part().doubleValue() * (domestic + foreign);
      return domestic > 0 && (reading.orEqual() ? gap > -1e-7 : gap > 1e-7);
    }

    double loss(Change change) {
      double loss = 0;
      for (Change.Move move : change.leaving()) {
        loss += move.count() * speedOf(here, move.chip());
      }
      for (Change.Move move : change.coming()) {
        loss -= move.count() * speedOf(candidates, move.chip());
      }
      return loss;
    }

    private static double speedOf(List<Item> items, String name) {
      return items.stream()
          .filter(i -> i.name().equals(name))
          .findFirst()
          .orElseThrow()
          .peaks()
          .get(Precision.FP16)
          .value()
          .orElseThrow()
          .doubleValue();
    }
  }
}
