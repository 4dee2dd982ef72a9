package io.moineau.plan.audit;

import io.moineau.plan.audit.Change.Move;
import io.moineau.plan.audit.Change.Status;
import io.moineau.plan.audit.ChangeLimits.Kind;
import io.moineau.plan.audit.Fleet.Item;
import io.moineau.plan.audit.Fleet.Site;
import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.solve.IntegerProgram;
import io.moineau.plan.solve.Solution;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the least change of some sites under which readings pass, as an integer programme: how many
 * of each chip leave, how many of each candidate come. What a reading asks is linear in these (see
 * {@link Reading}), so many readings are many rows.
 *
 * <p>The rows have whole coefficients, so that "more than" is "at least one more"; the answer of
 * the solver, which computes in {@code double}, is checked in exact arithmetic.
 */
final class ChangeSearch {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final int ATTEMPTS = 5;

  /** Chips of one kind at a site: those that are there, or those that may come. */
  private record Slot(Site site, Item item, boolean comes, long most) {}

  /** A reading with whole scores by slot, divided by {@code unit}; the sum must be {@code need}. */
  private record Row(Reading reading, List<BigInteger> scores, BigInteger have, BigInteger need) {}

  private final Scope scope;
  private final Catalogue catalogue;
  private final ChangeLimits limits;
  private final List<Slot> slots = new ArrayList<>();
  private final Map<String, Change> found = new HashMap<>();

  /**
   * Prepares a search.
   *
   * @param candidates by site, in the order of the sites
   */
  ChangeSearch(Scope scope, List<List<Item>> candidates, Catalogue catalogue, ChangeLimits limits) {
    this.scope = scope;
    this.catalogue = catalogue;
    this.limits = limits;
    for (int i = 0; i < scope.sites().size(); i++) {
      Site site = scope.sites().get(i);
      for (Item item : site.items()) {
        long most = item.removable().orElse(item.count()).longValueExact();
        slots.add(new Slot(site, item, false, most));
      }
      for (Item item : candidates.get(i)) {
        slots.add(new Slot(site, item, true, item.count().longValueExact()));
      }
    }
  }

  /** The least change under which all these readings pass. */
  Change least(List<Reading> readings, boolean isCautious) {
    return least(readings, isCautious, limits);
  }

  /** The same with other kinds of changes. */
  Change least(List<Reading> readings, boolean isCautious, ChangeLimits limits) {
    List<Row> rows = new ArrayList<>();
    for (Reading reading : readings) {
      rows.addAll(rows(reading, isCautious));
    }
    if (rows.stream().allMatch(row -> row.have().compareTo(row.need()) >= 0)) {
      return nothing(Status.PASSES, List.of());
    }
    String key = limits.json() + " " + byPrecision(readings) + " " + key(rows);
    Change known = found.get(key);
    if (known == null) {
      known = search(readings, rows, limits);
      if (known.status() == Status.IMPOSSIBLE) {
        known = nothing(Status.IMPOSSIBLE, why(readings, rows, isCautious, limits));
      }
      found.put(key, known);
    }
    return known;
  }

  private static String key(List<Row> rows) {
    StringBuilder key = new StringBuilder();
    rows.forEach(r -> key.append(r.scores()).append(r.have()).append('>').append(r.need()));
    return key.toString();
  }

  private static Change nothing(Status status, List<String> why) {
    return new Change(
        status,
        0,
        List.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Totals.NONE,
        Totals.NONE,
        why);
  }

  /** The sum of scores that must be reached; and, where nothing may be left, that something is. */
  private List<Row> rows(Reading reading, boolean isCautious) {
    List<BigDecimal> scores = new ArrayList<>();
    List<BigDecimal> domestic = new ArrayList<>();
    for (Slot slot : slots) {
      scores.add(reading.score(slot.site(), slot.item(), isCautious));
      domestic.add(reading.domestic(slot.site(), slot.item(), isCautious));
    }
    List<Row> rows = new ArrayList<>();
    boolean isAll = reading.part().compareTo(BigDecimal.ONE) == 0;
    rows.add(row(reading, scores, reading.orEqual() || isAll));
    if (reading.orEqual() && !isAll) {
      rows.add(row(reading, domestic, false));
    }
    return rows;
  }

  private Row row(Reading reading, List<BigDecimal> scores, boolean orEqual) {
    int scale = scores.stream().mapToInt(s -> Math.max(0, s.scale())).max().orElse(0);
    List<BigInteger> whole =
        new ArrayList<>(scores.stream().map(s -> s.movePointRight(scale).toBigInteger()).toList());
    BigInteger divisor = whole.stream().reduce(BigInteger.ZERO, BigInteger::gcd);
    if (divisor.signum() > 0) {
      whole.replaceAll(s -> s.divide(divisor));
    }
    BigInteger have = BigInteger.ZERO;
    for (int i = 0; i < slots.size(); i++) {
      if (!slots.get(i).comes()) {
        have = have.add(whole.get(i).multiply(slots.get(i).item().count().toBigInteger()));
      }
    }
    return new Row(reading, whole, have, orEqual ? BigInteger.ZERO : BigInteger.ONE);
  }

  private Change search(List<Reading> readings, List<Row> rows, ChangeLimits limits) {
    double[] margins = new double[rows.size()];
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      IntegerProgram program = new IntegerProgram();
      int[] unknowns = unknowns(program, rows, limits);
      for (int r = 0; r < rows.size(); r++) {
        add(program, rows.get(r), unknowns, margins[r]);
      }
      addLimits(program, unknowns, limits);
      boolean isPriced = addObjectives(program, unknowns, readings, limits);
      Solution solution = program.solve(LIMIT);
      if (!solution.isSolved()) {
        return nothing(
            solution.status() == Solution.Status.INFEASIBLE ? Status.IMPOSSIBLE : Status.UNDECIDED,
            List.of());
      }
      long[] counts = new long[slots.size()];
      for (int i = 0; i < counts.length; i++) {
        counts[i] = solution.whole(unknowns[i]);
      }
      boolean isExact = true;
      for (int r = 0; r < rows.size(); r++) {
        BigInteger lacking = rows.get(r).need().subtract(after(rows.get(r), counts));
        if (lacking.signum() > 0) {
          isExact = false;
          margins[r] += lacking.doubleValue();
        }
      }
      if (isExact) {
        // The number of chips is whole: a bound above one less is the number itself.
        boolean isLeast = attempt == 0 && solution.bound() > solution.value() - 1 + 1e-6;
        return change(counts, isLeast, isPriced, limits);
      }
    }
    return nothing(Status.UNDECIDED, List.of());
  }

  private BigInteger after(Row row, long[] counts) {
    BigInteger sum = row.have();
    for (int i = 0; i < counts.length; i++) {
      BigInteger moved = row.scores().get(i).multiply(BigInteger.valueOf(counts[i]));
      sum = slots.get(i).comes() ? sum.add(moved) : sum.subtract(moved);
    }
    return sum;
  }

  private int[] unknowns(IntegerProgram program, List<Row> rows, ChangeLimits limits) {
    int[] unknowns = new int[slots.size()];
    for (int i = 0; i < unknowns.length; i++) {
      Slot slot = slots.get(i);
      boolean isAllowed =
          slot.comes()
              ? limits.kinds().contains(Kind.ADD) || limits.kinds().contains(Kind.SWAP)
              : limits.kinds().contains(Kind.REMOVE) || limits.kinds().contains(Kind.SWAP);
      boolean isBeyondBudget =
          slot.comes() && limits.budget().isPresent() && slot.item().price().isEmpty();
      boolean isOut = !isAllowed || isBeyondBudget || slot.comes() && isDominated(i, rows);
      long most = isOut ? 0 : slot.most();
      unknowns[i] = program.whole(slot.item().name(), 0, most);
    }
    return unknowns;
  }

  /** Whether another candidate of which there are enough is at least as good in all that counts. */
  private boolean isDominated(int at, List<Row> rows) {
    Optional<Unit> precision = byPrecision(rows.stream().map(Row::reading).distinct().toList());
    Slot slot = slots.get(at);
    for (int i = 0; i < slots.size(); i++) {
      Slot other = slots.get(i);
      boolean isRival = i != at && other.comes() && isAt(other, slot.site(), slot.item().storage());
      if (!isRival || other.most() < Fleet.MOST.longValue()) {
        continue;
      }
      int better = 0;
      int worse = 0;
      for (Row row : rows) {
        int sign = row.scores().get(i).compareTo(row.scores().get(at));
        better += sign > 0 ? 1 : 0;
        worse += sign < 0 ? 1 : 0;
      }
      double[] mine = figures(slot, precision);
      double[] its = figures(other, precision);
      for (int k = 0; k < mine.length; k++) {
        better += its[k] > mine[k] ? 1 : 0;
        worse += its[k] < mine[k] ? 1 : 0;
      }
      if (worse == 0 && (better > 0 || i < at)) {
        return true;
      }
    }
    return false;
  }

  /** What objectives and limits look at beside the readings, better the larger it is. */
  private double[] figures(Slot slot, Optional<Unit> precision) {
    double price =
        slot.item().price().map(p -> -p.high().doubleValue()).orElse(Double.NEGATIVE_INFINITY);
    return new double[] {
      price, speed(slot, true), speed(slot, false), compute(slot, precision),
    };
  }

  /** Compute at a precision, or of 16 bit where none is asked for. */
  private double compute(Slot slot, Optional<Unit> precision) {
    if (precision.isEmpty() || slot.item().storage()) {
      return speed(slot, true);
    }
    return precision
        .get()
        .amount()
        .apply(slot.item())
        .map(f -> Totals.best(f).doubleValue())
        .orElse(0.0);
  }

  private void add(IntegerProgram program, Row row, int[] unknowns, double margin) {
    double largest = row.scores().stream().mapToDouble(s -> s.abs().doubleValue()).max().orElse(1);
    double unit = Math.max(1, largest);
    double need = row.need().subtract(row.have()).doubleValue() + margin;
    IntegerProgram.Row sum = program.row(row.reading().text()).atLeast(need / unit);
    for (int i = 0; i < unknowns.length; i++) {
      double score = row.scores().get(i).doubleValue() / unit;
      if (score != 0) {
        sum.add(slots.get(i).comes() ? score : -score, unknowns[i]);
      }
    }
  }

  /** Rows for the numbers of chips, of each site and of computing and storage apart. */
  private void addLimits(IntegerProgram program, int[] unknowns, ChangeLimits limits) {
    for (Site site : scope.sites()) {
      for (boolean isStorage : new boolean[] {false, true}) {
        IntegerProgram.Row net = program.row("net " + site.name());
        for (int i = 0; i < unknowns.length; i++) {
          if (isAt(slots.get(i), site, isStorage)) {
            net.add(slots.get(i).comes() ? 1 : -1, unknowns[i]);
          }
        }
        boolean isSwap = limits.kinds().contains(Kind.SWAP);
        if (isSwap && !limits.kinds().contains(Kind.ADD)) {
          net.atMost(0);
        }
        if (isSwap && !limits.kinds().contains(Kind.REMOVE)) {
          net.atLeast(0);
        }
      }
      limits
          .mostChips()
          .ifPresent(most -> {
            double now =
                site.items().stream()
                    .filter(i -> !i.storage())
                    .mapToDouble(i -> i.count().doubleValue())
                    .sum();
            IntegerProgram.Row all = program.row("most_chips").atMost(most.doubleValue() - now);
            for (int i = 0; i < unknowns.length; i++) {
              if (isAt(slots.get(i), site, false)) {
                all.add(slots.get(i).comes() ? 1 : -1, unknowns[i]);
              }
            }
          });
      limits
          .keep()
          .ifPresent(keep -> {
            for (boolean isCompute : new boolean[] {true, false}) {
              keep(program, unknowns, site, keep.doubleValue(), isCompute);
            }
          });
    }
    limits
        .budget()
        .ifPresent(budget -> {
          double unit = Math.max(1, budget.doubleValue());
          IntegerProgram.Row sum = program.row("budget").atMost(budget.doubleValue() / unit);
          for (int i = 0; i < unknowns.length; i++) {
            Slot slot = slots.get(i);
            if (slot.comes() && slot.item().price().isPresent()) {
              sum.add(slot.item().price().get().high().doubleValue() / unit, unknowns[i]);
            }
          }
        });
  }

  private void keep(
      IntegerProgram program, int[] unknowns, Site site, double part, boolean isCompute) {
    double now = 0;
    for (Slot slot : slots) {
      if (!slot.comes() && slot.site() == site) {
        now += speed(slot, isCompute) * slot.item().count().doubleValue();
      }
    }
    if (now == 0) {
      return;
    }
    IntegerProgram.Row sum = program.row("keep").atLeast(part - 1);
    for (int i = 0; i < unknowns.length; i++) {
      Slot slot = slots.get(i);
      if (isAt(slot, site, false)) {
        sum.add((slot.comes() ? 1 : -1) * speed(slot, isCompute) / now, unknowns[i]);
      }
    }
  }

  private double speed(Slot slot, boolean isCompute) {
    if (slot.item().storage()) {
      return 0;
    }
    return (isCompute ? Totals.compute(slot.item()) : Totals.bandwidth(slot.item(), catalogue))
        .doubleValue();
  }

  private static boolean isAt(Slot slot, Site site, boolean isStorage) {
    return slot.site() == site && slot.item().storage() == isStorage;
  }

  /**
   * Fewest chips, then least cost, then least loss of compute and bandwidth.
   *
   * @return whether cost was weighed: the prices of all candidates are known
   */
  private boolean addObjectives(
      IntegerProgram program, int[] unknowns, List<Reading> readings, ChangeLimits limits) {
    IntegerProgram.Row chips = program.minimise("chips");
    boolean isSwap = limits.kinds().contains(Kind.SWAP);
    for (Site site : scope.sites()) {
      for (boolean isStorage : new boolean[] {false, true}) {
        int changed = program.whole("changed at " + site.name(), 0, 4e9);
        chips.add(1, changed);
        IntegerProgram.Row in = program.row("in").add(1, changed).atLeast(0);
        // A swap counts once; without swaps each chip that comes or leaves counts.
        IntegerProgram.Row out = isSwap ? program.row("out").add(1, changed).atLeast(0) : in;
        for (int i = 0; i < unknowns.length; i++) {
          if (isAt(slots.get(i), site, isStorage)) {
            (slots.get(i).comes() ? in : out).add(-1, unknowns[i]);
          }
        }
      }
    }
    double dearest = 0;
    boolean isPriced = true;
    for (Slot slot : slots) {
      if (slot.comes()) {
        Optional<Figure> price = slot.item().price();
        isPriced &= price.isPresent() || limits.budget().isPresent();
        dearest = Math.max(dearest, price.map(p -> p.high().doubleValue()).orElse(0.0));
      }
    }
    if (isPriced && dearest > 0) {
      IntegerProgram.Row cost = program.minimise("cost").within(1e-6);
      for (int i = 0; i < unknowns.length; i++) {
        Slot slot = slots.get(i);
        if (slot.comes() && slot.item().price().isPresent()) {
          cost.add(slot.item().price().get().high().doubleValue() / dearest, unknowns[i]);
        }
      }
    }
    addLoss(program, unknowns, readings);
    return isPriced;
  }

  private void addLoss(IntegerProgram program, int[] unknowns, List<Reading> readings) {
    Optional<Unit> precision = byPrecision(readings);
    double[] compute = new double[slots.size()];
    double[] bandwidth = new double[slots.size()];
    double computeNow = 0;
    double bandwidthNow = 0;
    for (int i = 0; i < slots.size(); i++) {
      Slot slot = slots.get(i);
      compute[i] = compute(slot, precision);
      bandwidth[i] = speed(slot, false);
      if (!slot.comes()) {
        computeNow += compute[i] * slot.item().count().doubleValue();
        bandwidthNow += bandwidth[i] * slot.item().count().doubleValue();
      }
    }
    double chips =
        Math.max(1, scope.items().stream().mapToDouble(i -> i.count().doubleValue()).sum());
    // A unit of it is what an average chip does: a hundredth of that decides nothing, nor does a
    // ten-thousandth of all of it.
    IntegerProgram.Row loss = program.minimise("loss").within(Math.max(0.01, 1e-4 * chips));
    for (int i = 0; i < unknowns.length; i++) {
      double part =
          (computeNow == 0 ? 0 : compute[i] / computeNow)
              + (bandwidthNow == 0 ? 0 : bandwidth[i] / bandwidthNow);
      if (part != 0) {
        loss.add((slots.get(i).comes() ? -1 : 1) * part * chips, unknowns[i]);
      }
    }
  }

  /** The precision that a single reading counts in. */
  private static Optional<Unit> byPrecision(List<Reading> readings) {
    return readings.size() == 1 && readings.getFirst().unit().name().endsWith(" T/s")
        ? Optional.of(readings.getFirst().unit())
        : Optional.empty();
  }

  private Change change(long[] counts, boolean isLeast, boolean isPriced, ChangeLimits limits) {
    List<Move> leaving = new ArrayList<>();
    List<Move> coming = new ArrayList<>();
    Map<Item, BigDecimal> before = new LinkedHashMap<>();
    Map<Item, BigDecimal> after = new LinkedHashMap<>();
    Optional<BigDecimal> cost = Optional.of(BigDecimal.ZERO);
    Optional<BigDecimal> worth = Optional.of(BigDecimal.ZERO);
    for (int i = 0; i < counts.length; i++) {
      Slot slot = slots.get(i);
      Item item = slot.item();
      BigDecimal moved = BigDecimal.valueOf(counts[i]);
      if (!slot.comes()) {
        before.merge(item, item.count(), BigDecimal::add);
        after.merge(item, item.count().subtract(moved), BigDecimal::add);
      }
      if (counts[i] == 0) {
        continue;
      }
      Move move = new Move(slot.site().name(), item.name(), item.storage(), counts[i]);
      Optional<BigDecimal> sum = item.price().map(p -> p.high().multiply(moved));
      if (slot.comes()) {
        after.merge(item, moved, BigDecimal::add);
        coming.add(move);
        cost = cost.flatMap(c -> sum.map(c::add));
      } else {
        leaving.add(move);
        worth = worth.flatMap(w -> sum.map(w::add));
      }
    }
    List<String> why = new ArrayList<>();
    if (!isPriced) {
      why.add("cost was not weighed: not every candidate has a price");
    }
    Totals then = Totals.of(after, catalogue);
    then.missing()
        .forEach((name, chips) -> {
          if (!name.equals("value")) {
            why.add(name + " is not known for " + String.join(", ", chips) + ": it counts as none");
          }
        });
    return new Change(
        isLeast ? Status.LEAST : Status.CHANGE,
        changed(leaving, coming, limits),
        leaving,
        coming,
        cost,
        worth,
        Totals.of(before, catalogue),
        then,
        why);
  }

  private long changed(List<Move> leaving, List<Move> coming, ChangeLimits limits) {
    long sum = 0;
    for (Site site : scope.sites()) {
      for (boolean isStorage : new boolean[] {false, true}) {
        long out = count(leaving, site, isStorage);
        long in = count(coming, site, isStorage);
        sum += limits.kinds().contains(Kind.SWAP) ? Math.max(out, in) : out + in;
      }
    }
    return sum;
  }

  private static long count(List<Move> moves, Site site, boolean isStorage) {
    return moves.stream()
        .filter(m -> m.site().equals(site.name()) && m.isStorage() == isStorage)
        .mapToLong(Move::count)
        .sum();
  }

  private List<String> why(
      List<Reading> readings, List<Row> rows, boolean isCautious, ChangeLimits limits) {
    List<String> why = new ArrayList<>();
    for (Reading reading : readings) {
      if (readings.size() == 1) {
        why.addAll(
            Reasons.of(
                reading,
                scope,
                slots.stream().filter(Slot::comes).map(Slot::item).toList(),
                isCautious));
      }
    }
    for (String name : limits.names()) {
      ChangeLimits freer = limits.without(name);
      Change change = search(readings, rows, freer);
      if (change.isFound()) {
        String enough =
            name.equals("budget")
                ? change.cost().map(c -> "; " + c.toPlainString() + " would do").orElse("")
                : "";
        why.add("the limit change." + name + " stands in the way" + enough);
      }
    }
    if (why.isEmpty()) {
      why.add(
          "no number of the candidates makes up for what is there: see kinds, most, may_remove");
    }
    return why;
  }
}
