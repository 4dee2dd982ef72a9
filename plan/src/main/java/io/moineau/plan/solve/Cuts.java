package io.moineau.plan.solve;

import java.util.HashSet;
import java.util.Locale;
import java.util.Set;

/**
 * Mixed-integer rounding cuts of single rows (Marchand and Wolsey, "Aggregation and mixed integer
 * rounding to solve MIPs", 2001): a demand of 10 that replicas of 4 serve needs 3 of them, where
 * the linear programme sees 2.5. Each row is divided by the coefficients of variables that are
 * between whole numbers, its variables counted from their nearer bounds, and rounded.
 */
final class Cuts {
  private static final int ROUNDS = 12;
  private static final double LEAST_FRACTION = 0.02;
  private static final double LEAST_VIOLATION = 1e-3;

  private Cuts() {}

  /** Adds cuts that the linear solution violates, some rounds of them; how many were added. */
  static int add(Programme programme, double workLimit) {
    int original = programme.rows();
    Set<String> known = new HashSet<>();
    double work = 0;
    for (int round = 0; round < ROUNDS && work < workLimit; round++) {
      Simplex simplex = new Simplex(programme);
      if (simplex.solve(Double.POSITIVE_INFINITY, workLimit - work) != Simplex.End.OPTIMAL) {
        break;
      }
      work += simplex.work();
      int before = programme.rows();
      for (int row = 0; row < original; row++) {
        if (programme.rowLow(row) > Double.NEGATIVE_INFINITY) {
          separate(programme, simplex, row, 1, programme.rowLow(row), known);
        }
        if (programme.rowHigh(row) < Double.POSITIVE_INFINITY) {
          separate(programme, simplex, row, -1, -programme.rowHigh(row), known);
        }
      }
      if (programme.rows() == before) {
        break;
      }
    }
    return programme.rows() - original;
  }

  /** The most violated cut of {@code sign x row >= bound}, added if there is one. */
  private static void separate(
      Programme programme, Simplex simplex, int row, int sign, double bound, Set<String> known) {
    int terms = programme.terms(row);
    double[] best = new double[0];
    double bestBound = 0;
    double bestViolation = LEAST_VIOLATION;
    Set<Double> tried = new HashSet<>();
    for (int k = 0; k < terms; k++) {
      int j = programme.column(row, k);
      double x = simplex.value(j);
      double divisor = Math.abs(programme.coefficient(row, k));
      boolean isBetween = x > programme.low(j) + 1e-6 && x < programme.high(j) - 1e-6;
      if (!programme.isInteger(j) || !isBetween || !tried.add(divisor)) {
        continue;
      }
      double[] cut = new double[terms];
      double[] rest = new double[1];
      double violation = round(programme, simplex, row, sign, bound, divisor, cut, rest);
      if (violation > bestViolation) {
        bestViolation = violation;
        best = cut;
        bestBound = rest[0];
      }
    }
    if (best.length == 0) {
      return;
    }
    StringBuilder key = new StringBuilder().append(row).append(' ').append(sign);
    for (double one : best) {
      key.append(' ').append(String.format(Locale.ROOT, "%.7g", one));
    }
    if (known.add(key.toString())) {
      int added =
          programme.row("cut of " + programme.rowName(row), bestBound, Double.POSITIVE_INFINITY);
      for (int k = 0; k < terms; k++) {
        programme.term(added, programme.column(row, k), best[k]);
      }
    }
  }

  /**
   * Rounds {@code sum(sign a x) / divisor >= bound / divisor}. With {@code x = low + y} or {@code x
   * = high - y}, {@code y >= 0}, coefficients {@code c} of y and {@code f} the fraction of the new
   * bound b: {@code sum((floor(c) + min(frac(c), f) / f) y) + sum(max(c, 0) / f z) >= ceil(b)} for
   * integers y and others z.
   *
   * @return how far the linear solution violates it, per length of the cut
   */
  private static double round(
      Programme programme,
      Simplex simplex,
      int row,
      int sign,
      double bound,
      double divisor,
      double[] cut,
      double[] rest) {
    int terms = programme.terms(row);
    double b = bound;
    for (int k = 0; k < terms; k++) {
      int j = programme.column(row, k);
      double a = sign * programme.coefficient(row, k);
      b -= a * (isNearHigh(programme, simplex, j) ? programme.high(j) : programme.low(j));
    }
    b /= divisor;
    double f = b - Math.floor(b);
    if (f < LEAST_FRACTION || f > 1 - LEAST_FRACTION / 10) {
      return 0;
    }
    double right = Math.ceil(b);
    double sum = 0;
    double length = 0;
    for (int k = 0; k < terms; k++) {
      int j = programme.column(row, k);
      boolean isHigh = isNearHigh(programme, simplex, j);
      double c = (isHigh ? -1 : 1) * sign * programme.coefficient(row, k) / divisor;
      double g;
      if (programme.isInteger(j)) {
        double floor = Math.floor(c + 1e-9);
        g = floor + Math.min(Math.max(c - floor, 0), f) / f;
      } else {
        g = Math.max(c, 0) / f;
      }
      // Back to x.
      cut[k] = isHigh ? -g : g;
      right += cut[k] * (isHigh ? programme.high(j) : programme.low(j));
      sum += cut[k] * simplex.value(j);
      length += cut[k] * cut[k];
    }
    rest[0] = right - 1e-9 * Math.max(1, Math.abs(right));
    return (right - sum) / Math.sqrt(Math.max(length, 1e-12));
  }

  private static boolean isNearHigh(Programme programme, Simplex simplex, int j) {
    double x = simplex.value(j);
    return programme.high(j) - x < x - programme.low(j);
  }
}
