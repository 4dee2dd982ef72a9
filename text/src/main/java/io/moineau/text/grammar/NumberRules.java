package io.moineau.text.grammar;

import io.moineau.text.grammar.Expr.Rule;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Numbers within bounds, digit by digit: a state knows whether the digits so far are those of the
 * lower or the upper bound, and their remainder. Written without an exponent.
 */
final class NumberRules {
  private static final int MOST_DIGITS = 19;
  private static final int MOST_FRACTION = 20;
  private static final int USUAL_FRACTION = 20;
  private static final int MOST_MODULUS = 2000;
  private static final int MOST_STATES = 20_000;
  private static final Expr NOTHING = new Expr.Choice(List.of());

  /**
   * What a number must keep to.
   *
   * @param low null for no bound
   * @param high null for no bound
   * @param multipleOf null for any; greater than 0
   */
  record Bounds(
      boolean integer,
      @Nullable BigDecimal low,
      boolean lowExcluded,
      @Nullable BigDecimal high,
      boolean highExcluded,
      @Nullable BigDecimal multipleOf) {
    boolean isFree() {
      return low == null && high == null && multipleOf == null;
    }
  }

  /** Digits of a bound: so many before the point, the rest behind it. */
  private record Digits(String all, int whole) {
    static Digits of(BigDecimal value, int fraction) {
      String text = value.setScale(fraction, RoundingMode.UNNECESSARY).unscaledValue().toString();
      String all = "0".repeat(Math.max(0, fraction + 1 - text.length())) + text;
      return new Digits(all, all.length() - fraction);
    }

    int at(int position) {
      return all.charAt(position) - '0';
    }

    boolean isZeroFrom(int position) {
      for (int i = position; i < all.length(); i++) {
        if (all.charAt(i) != '0') {
          return false;
        }
      }
      return true;
    }
  }

  /**
   * Where a number is.
   *
   * @param whole digits before the point in all; 0 if that is open, as no bound is near
   * @param position digits read
   */
  private record Key(int whole, int position, boolean onLow, boolean onHigh, int remainder) {}

  /** Numbers of one sign. */
  private static final class Magnitude {
    private final int fraction; // most digits behind the point
    private final int modulus;
    private final Digits low;
    private final boolean lowExcluded;
    private final @Nullable Digits high;
    private final boolean highExcluded;
    private final Map<Key, Expr> known = new HashMap<>();

    Magnitude(
        int fraction,
        int modulus,
        BigDecimal low,
        boolean lowExcluded,
        @Nullable BigDecimal high,
        boolean highExcluded) {
      this.fraction = fraction;
      this.modulus = modulus;
      this.low = Digits.of(low, fraction);
      this.lowExcluded = lowExcluded;
      // A bound beyond all that is written without it is none.
      int longest = Math.max(MOST_DIGITS, this.low.whole() + 1);
      boolean far =
          high != null && modulus == 1 && high.compareTo(BigDecimal.TEN.pow(longest)) >= 0;
      this.high = high == null || far ? null : Digits.of(high, fraction);
      this.highExcluded = highExcluded;
    }

    Expr expr() {
      List<Expr> options = new ArrayList<>();
      int most = high == null ? low.whole() : high.whole();
      for (int whole = low.whole(); whole <= most; whole++) {
        add(
            options,
            state(
                new Key(whole, 0, whole == low.whole(), high != null && whole == high.whole(), 0)));
      }
      if (high == null) {
        add(options, longer());
      }
      return options.isEmpty() ? NOTHING : Expr.choice(options);
    }

    /** Numbers of more digits than the lower bound has, where there is no upper one. */
    private Expr longer() {
      if (modulus == 1) {
        int most = Math.max(MOST_DIGITS, low.whole() + 1);
        return Expr.sequence(
            digit(1, 9),
            Expr.repeat(digit(0, 9), low.whole(), most - 1),
            fraction == 0
                ? Expr.EMPTY
                : Expr.optional(
                    Expr.sequence(Expr.text("."), Expr.repeat(digit(0, 9), 1, fraction))));
      }
      // So many digits are read one by one; the rest in a loop that knows the remainder only.
      return forced(0, 0);
    }

    private Expr forced(int position, int remainder) {
      if (position > low.whole()) {
        return state(new Key(0, 0, false, false, remainder));
      }
      Key key = new Key(-1, position, false, false, remainder);
      Expr before = known.get(key);
      if (before != null) {
        return before;
      }
      Rule rule = newRule(key);
      List<Expr> options = new ArrayList<>();
      for (int d = position == 0 ? 1 : 0; d <= 9; d++) {
        options.add(
            Expr.sequence(digit(d, d), forced(position + 1, (10 * remainder + d) % modulus)));
      }
      rule.define(new Expr.Choice(options));
      return Expr.call(rule);
    }

    private Rule newRule(Key key) {
      if (known.size() == MOST_STATES) {
        throw GrammarErrors.limit(
            "a range of numbers is too large for its multipleOf",
            "more than " + MOST_STATES + " states",
            "closer bounds, or a smaller multipleOf");
      }
      Rule rule = new Rule("digits", NOTHING);
      known.put(key, Expr.call(rule));
      return rule;
    }

    private static void add(List<Expr> options, Expr option) {
      if (option != NOTHING) {
        options.add(option);
      }
    }

    private static Expr digit(int first, int last) {
      return new Expr.Chars(CodePoints.range('0' + first, '0' + last));
    }

    /** What may follow in a state; {@link #NOTHING} where no number can be completed. */
    private Expr state(Key key) {
      Expr before = known.get(key);
      if (before != null) {
        return before;
      }
      Rule rule = newRule(key);
      Map<Expr, CodePoints.Builder> targets = new java.util.LinkedHashMap<>();
      boolean open = key.whole() == 0;
      int end = open ? Integer.MAX_VALUE : key.whole() + fraction;
      boolean inFraction = !open && key.position() > key.whole();
      List<Expr> options = new ArrayList<>();
      if (open || key.position() < key.whole() || (inFraction && key.position() < end)) {
        digits(key, targets);
      }
      if ((open || key.position() == key.whole()) && fraction > 0) {
        Expr after = afterPoint(key);
        if (after != NOTHING) {
          options.add(Expr.sequence(Expr.text("."), after));
        }
      }
      targets.forEach(
          (target, set) -> options.add(Expr.sequence(new Expr.Chars(set.build()), target)));
      if ((open || key.position() >= key.whole()) && canEnd(key)) {
        options.add(Expr.EMPTY);
      }
      if (options.isEmpty()) {
        known.put(key, NOTHING);
        return NOTHING;
      }
      rule.define(new Expr.Choice(options));
      return Expr.call(rule);
    }

    /** The first digit behind the point, which must be there. */
    private Expr afterPoint(Key key) {
      // An open number has its point here; no bound is near, so its length is any.
      Key at = key.whole() > 0 ? key : new Key(1, 1, false, false, key.remainder());
      Map<Expr, CodePoints.Builder> targets = new java.util.LinkedHashMap<>();
      digits(at, targets);
      List<Expr> options = new ArrayList<>();
      targets.forEach(
          (target, set) -> options.add(Expr.sequence(new Expr.Chars(set.build()), target)));
      return options.isEmpty() ? NOTHING : new Expr.Choice(options);
    }

    private void digits(Key key, Map<Expr, CodePoints.Builder> targets) {
      boolean first = key.position() == 0 && key.whole() > 1;
      for (int d = first ? 1 : 0; d <= 9; d++) {
        int low = key.onLow() ? this.low.at(key.position()) : 0;
        int high = key.onHigh() && this.high != null ? this.high.at(key.position()) : 9;
        if (d < low || d > high) {
          continue;
        }
        Expr target =
            state(
                new Key(
                    key.whole(),
                    key.whole() == 0 ? 0 : key.position() + 1,
                    key.onLow() && d == low,
                    key.onHigh() && d == high,
                    (10 * key.remainder() + d) % modulus));
        if (target != NOTHING) {
          targets.computeIfAbsent(target, t -> new CodePoints.Builder()).add('0' + d, '0' + d);
        }
      }
    }

    /** Whether the digits so far, with zeros behind, are a number that keeps to all. */
    private boolean canEnd(Key key) {
      int missing = key.whole() == 0 ? fraction : key.whole() + fraction - key.position();
      int remainder = key.remainder();
      for (int i = 0; i < missing; i++) {
        remainder = 10 * remainder % modulus;
      }
      if (remainder != 0) {
        return false;
      }
      if (key.onLow() && (lowExcluded || !low.isZeroFrom(key.position()))) {
        return false;
      }
      return !(key.onHigh() && highExcluded && (high == null || high.isZeroFrom(key.position())));
    }
  }

  private NumberRules() {}

  /**
   * The numbers within bounds; an empty choice if there are none.
   *
   * @throws io.moineau.text.TextException {@code grammar-limit} for more digits or a larger {@code
   *     multipleOf} than can be done
   */
  static Expr of(Bounds bounds) {
    int fraction = fraction(bounds);
    int modulus = modulus(bounds, fraction);
    BigDecimal low = round(bounds.low(), bounds.integer(), RoundingMode.CEILING);
    boolean lowExcluded = bounds.lowExcluded() && equal(low, bounds.low());
    BigDecimal high = round(bounds.high(), bounds.integer(), RoundingMode.FLOOR);
    boolean highExcluded = bounds.highExcluded() && equal(high, bounds.high());
    List<Expr> options = new ArrayList<>();
    if (high == null || high.signum() > 0 || (high.signum() == 0 && !highExcluded)) {
      boolean positive = low != null && low.signum() >= 0;
      BigDecimal from = positive && low != null ? low : BigDecimal.ZERO;
      if (high == null || from.compareTo(high) <= 0) {
        options.add(
            new Magnitude(fraction, modulus, from, positive && lowExcluded, high, highExcluded)
                .expr());
      }
    }
    if (low == null || low.signum() < 0) {
      boolean negative = high != null && high.signum() < 0;
      BigDecimal from = negative && high != null ? high.negate() : BigDecimal.ZERO;
      BigDecimal to = low == null ? null : low.negate();
      if (to == null || from.compareTo(to) <= 0) {
        Expr magnitude =
            new Magnitude(fraction, modulus, from, !negative || highExcluded, to, lowExcluded)
                .expr();
        if (magnitude != NOTHING) {
          options.add(Expr.sequence(Expr.text("-"), magnitude));
        }
      }
    }
    options.removeIf(o -> o == NOTHING);
    return options.isEmpty() ? NOTHING : Expr.choice(options);
  }

  private static boolean equal(@Nullable BigDecimal x, @Nullable BigDecimal y) {
    return x != null && y != null && x.compareTo(y) == 0;
  }

  private static @Nullable BigDecimal round(
      @Nullable BigDecimal value, boolean integer, RoundingMode mode) {
    return value == null || !integer ? value : value.setScale(0, mode);
  }

  private static int fraction(Bounds bounds) {
    if (bounds.integer()) {
      return 0;
    }
    int fraction = bounds.multipleOf() == null ? USUAL_FRACTION : 0;
    for (BigDecimal value :
        new @Nullable BigDecimal[] {bounds.low(), bounds.high(), bounds.multipleOf()}) {
      fraction = value == null ? fraction : Math.max(fraction, value.stripTrailingZeros().scale());
    }
    if (fraction > MOST_FRACTION) {
      throw GrammarErrors.limit(
          "a bound of a number has too many digits",
          fraction + " behind the point",
          "at most " + MOST_FRACTION);
    }
    return fraction;
  }

  private static int modulus(Bounds bounds, int fraction) {
    if (bounds.multipleOf() == null) {
      return 1;
    }
    BigDecimal multiple = bounds.multipleOf();
    if (bounds.integer()) {
      // The integers among the multiples of p/q are those of p, where p/q is in lowest terms.
      BigDecimal plain = multiple.stripTrailingZeros();
      BigInteger scale = BigInteger.TEN.pow(Math.max(0, plain.scale()));
      BigInteger numerator = plain.multiply(new BigDecimal(scale)).toBigIntegerExact();
      multiple = new BigDecimal(numerator.divide(numerator.gcd(scale)));
    }
    BigInteger modulus = multiple.scaleByPowerOfTen(fraction).toBigIntegerExact();
    if (modulus.compareTo(BigInteger.valueOf(MOST_MODULUS)) > 0) {
      throw GrammarErrors.limit(
          "a multipleOf is too large",
          "multipleOf=" + bounds.multipleOf(),
          "at most " + MOST_MODULUS + " units of its last digit");
    }
    return modulus.intValueExact();
  }
}
