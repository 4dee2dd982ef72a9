package io.moineau.plan.solve;

import java.util.Arrays;
import java.util.Random;

/**
 * Betters a solution by parts (large neighbourhood search): most variables stay as they are, those
 * of some rows, and those on which the solution and the linear programme differ, are solved anew.
 * The parts are drawn from a fixed seed.
 */
final class Neighbourhood {
  private static final int WITHOUT_SUCCESS = 25;
  private static final double PART = 0.06; // of all work, for one neighbourhood
  private static final int LEAST_FREE = 30;

  private Neighbourhood() {}

  /** A solution that costs no more. */
  static double[] improve(Programme programme, double[] solution, double[] linear, Effort effort) {
    Random random = new Random(1);
    double[] best = solution;
    double spent = 0;
    int failures = 0;
    for (int round = 0; failures < WITHOUT_SUCCESS && spent < effort.work(); round++) {
      boolean[] free = new boolean[programme.variables()];
      if (round % 4 == 0) {
        differing(programme, best, linear, free);
      } else {
        rows(programme, best, linear, random, free);
      }
      double allowed = Math.min(PART * effort.work(), effort.work() - spent);
      Part part = new Part(programme, best, free, true);
      BranchAndBound search =
          new BranchAndBound(part.programme, effort.withWork(allowed), part.start);
      Outcome found = search.solve();
      spent += search.work() + 1e-4 * effort.work();
      double[] better = found.isFeasible() ? part.merge(found.values()) : best;
      if (programme.admits(better)
          && programme.value(better) < programme.value(best) - 1e-9 * Math.abs(found.value())) {
        best = better;
        failures = 0;
      } else {
        failures++;
      }
    }
    return best;
  }

  /**
   * A first solution from the variables that the linear programme uses and those that nearly pay,
   * or an empty array: a dive in few variables takes a fraction of one in all of them.
   */
  static double[] begin(Programme programme, BranchAndBound solved, Effort effort) {
    int n = programme.variables();
    double[] linear = solved.linear();
    double[] lows = new double[n];
    boolean[] free = new boolean[n];
    double[] dear = new double[n];
    for (int j = 0; j < n; j++) {
      lows[j] = programme.low(j);
      free[j] = !programme.isInteger(j) || linear[j] > lows[j] + 1e-9;
      dear[j] = free[j] ? 0 : Math.abs(solved.rootReduced(j));
    }
    double[] sorted = dear.clone();
    Arrays.sort(sorted);
    double most = sorted[Math.min(n - 1, 3 * programme.rows())];
    for (int j = 0; j < n; j++) {
      free[j] |= dear[j] <= most;
    }
    Part part = new Part(programme, lows, free, false);
    Outcome found = new BranchAndBound(part.programme, effort, new double[0]).solve();
    return found.isFeasible() ? part.merge(found.values()) : new double[0];
  }

  private static void differing(
      Programme programme, double[] best, double[] linear, boolean[] free) {
    for (int j = 0; j < free.length; j++) {
      free[j] = !programme.isInteger(j) || Math.abs(best[j] - linear[j]) > 1e-6;
    }
  }

  /** Variables of some rows that the solution or the linear programme uses, and a few others. */
  private static void rows(
      Programme programme, double[] best, double[] linear, Random random, boolean[] free) {
    int wanted = Math.max(LEAST_FREE, free.length / 12);
    int count = 0;
    for (int j = 0; j < free.length; j++) {
      free[j] = !programme.isInteger(j);
    }
    for (int tries = 0; tries < 50 && count < wanted; tries++) {
      int row = random.nextInt(programme.rows());
      for (int k = 0; k < programme.terms(row); k++) {
        int j = programme.column(row, k);
        boolean isUsed = best[j] != programme.low(j) || linear[j] > programme.low(j) + 1e-9;
        if (!free[j] && (isUsed || random.nextInt(5) == 0)) {
          free[j] = true;
          count++;
        }
      }
    }
  }

  /** The programme of the free variables, the others put in as numbers. */
  private static final class Part {
    private final Programme programme = new Programme();
    private final double[] solution;
    private final int[] index;
    private final double[] start;

    Part(Programme whole, double[] solution, boolean[] free, boolean isSolution) {
      this.solution = solution;
      index = new int[free.length];
      int n = 0;
      for (int j = 0; j < free.length; j++) {
        index[j] = -1;
        if (free[j]) {
          index[j] = n++;
          int mine =
              programme.variable(whole.name(j), whole.low(j), whole.high(j), whole.isInteger(j));
          programme.cost(mine, whole.cost(j));
        }
      }
      start = new double[n];
      for (int j = 0; j < free.length; j++) {
        if (free[j]) {
          start[index[j]] = solution[j];
        }
      }
      for (int i = 0; i < whole.rows(); i++) {
        double fixed = 0;
        boolean isEmpty = true;
        for (int k = 0; k < whole.terms(i); k++) {
          int j = whole.column(i, k);
          fixed += free[j] ? 0 : whole.coefficient(i, k) * solution[j];
          isEmpty &= !free[j];
        }
        if (isEmpty) {
          continue;
        }
        // A solution may lie a rounding error outside: the part must still admit it.
        double slack = 1e-9 * whole.scale(i, solution);
        double sum = whole.sum(i, solution);
        double least = isSolution ? Math.min(whole.rowLow(i), sum - slack) : whole.rowLow(i);
        double most = isSolution ? Math.max(whole.rowHigh(i), sum + slack) : whole.rowHigh(i);
        int row = programme.row(whole.rowName(i), least - fixed, most - fixed);
        for (int k = 0; k < whole.terms(i); k++) {
          int j = whole.column(i, k);
          if (free[j]) {
            programme.term(row, index[j], whole.coefficient(i, k));
          }
        }
      }
    }

    double[] merge(double[] values) {
      double[] merged = solution.clone();
      for (int j = 0; j < merged.length; j++) {
        merged[j] = index[j] < 0 ? merged[j] : values[index[j]];
      }
      return merged;
    }
  }
}
