package io.moineau.plan.solve;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A linear programme with integers: the least of {@code sum(cost[j] x[j])} with {@code rowLow[i] <=
 * sum(a[i][j] x[j]) <= rowHigh[i]} and {@code low[j] <= x[j] <= high[j]}. Bounds of variables are
 * finite: the dual simplex then needs no search for a first solution. Those of rows may be
 * infinite.
 */
final class Programme {
  private final List<String> variables = new ArrayList<>();
  private final List<String> rows = new ArrayList<>();
  private double[] low = new double[16];
  private double[] high = new double[16];
  private double[] cost = new double[16];
  private boolean[] integer = new boolean[16];
  private double[] rowLow = new double[16];
  private double[] rowHigh = new double[16];
  // Terms by row: variables, and their coefficients.
  private final List<int[]> columns = new ArrayList<>();
  private final List<double[]> coefficients = new ArrayList<>();
  private int[] terms = new int[16];

  /**
   * Adds a variable.
   *
   * @return its number, from 0
   * @throws IllegalArgumentException for bounds that are not finite or contradict each other
   */
  int variable(String name, double least, double most, boolean whole) {
    double from = whole ? Math.ceil(least - Simplex.TOLERANCE) : least;
    double to = whole ? Math.floor(most + Simplex.TOLERANCE) : most;
    if (!(from > Double.NEGATIVE_INFINITY && to < Double.POSITIVE_INFINITY && from <= to)) {
      throw new IllegalArgumentException(
          "bounds of " + name + " must be finite and in order: " + least + " to " + most);
    }
    int j = variables.size();
    if (j == low.length) {
      low = Arrays.copyOf(low, 2 * j);
      high = Arrays.copyOf(high, 2 * j);
      cost = Arrays.copyOf(cost, 2 * j);
      integer = Arrays.copyOf(integer, 2 * j);
    }
    variables.add(name);
    low[j] = from;
    high[j] = to;
    integer[j] = whole;
    return j;
  }

  /**
   * Adds a row without terms.
   *
   * @return its number, from 0
   */
  int row(String name, double least, double most) {
    if (!(least <= most)) {
      throw new IllegalArgumentException(
          "bounds of " + name + " must be in order: " + least + " to " + most);
    }
    int i = rows.size();
    if (i == rowLow.length) {
      rowLow = Arrays.copyOf(rowLow, 2 * i);
      rowHigh = Arrays.copyOf(rowHigh, 2 * i);
      terms = Arrays.copyOf(terms, 2 * i);
    }
    rows.add(name);
    columns.add(new int[4]);
    coefficients.add(new double[4]);
    rowLow[i] = least;
    rowHigh[i] = most;
    return i;
  }

  /** Adds {@code coefficient x variable} to a row. */
  void term(int row, int variable, double coefficient) {
    if (!Double.isFinite(coefficient) || variable < 0 || variable >= variables.size()) {
      throw new IllegalArgumentException(
          "no term: " + coefficient + " x variable " + variable + " of " + rows.get(row));
    }
    if (coefficient == 0) {
      return;
    }
    int n = terms[row];
    if (n == columns.get(row).length) {
      columns.set(row, Arrays.copyOf(columns.get(row), 2 * n));
      coefficients.set(row, Arrays.copyOf(coefficients.get(row), 2 * n));
    }
    columns.get(row)[n] = variable;
    coefficients.get(row)[n] = coefficient;
    terms[row] = n + 1;
  }

  /** Sets what a unit of a variable costs; 0 where nobody does. */
  void cost(int variable, double unit) {
    if (!Double.isFinite(unit)) {
      throw new IllegalArgumentException("no cost of " + variables.get(variable) + ": " + unit);
    }
    cost[variable] = unit;
  }

  /** Makes all costs 0. */
  void clearCosts() {
    Arrays.fill(cost, 0);
  }

  /** Changes the bounds of a variable. */
  void bound(int variable, double least, double most) {
    if (!(least <= most && Double.isFinite(least) && Double.isFinite(most))) {
      throw new IllegalArgumentException(
          "bounds of " + variables.get(variable) + ": " + least + " to " + most);
    }
    low[variable] = least;
    high[variable] = most;
  }

  /** Changes the bounds of a row. */
  void boundRow(int row, double least, double most) {
    if (!(least <= most)) {
      throw new IllegalArgumentException(
          "bounds of " + rows.get(row) + " must be in order: " + least + " to " + most);
    }
    rowLow[row] = least;
    rowHigh[row] = most;
  }

  /** How many variables there are. */
  int variables() {
    return variables.size();
  }

  /** How many rows there are. */
  int rows() {
    return rows.size();
  }

  /** A variable's name. */
  String name(int variable) {
    return variables.get(variable);
  }

  /** A row's name. */
  String rowName(int row) {
    return rows.get(row);
  }

  /** A variable's lower bound. */
  double low(int variable) {
    return low[variable];
  }

  /** A variable's upper bound. */
  double high(int variable) {
    return high[variable];
  }

  /** A variable's cost. */
  double cost(int variable) {
    return cost[variable];
  }

  /** Whether a variable is an integer. */
  boolean isInteger(int variable) {
    return integer[variable];
  }

  /** A row's lower bound. */
  double rowLow(int row) {
    return rowLow[row];
  }

  /** A row's upper bound. */
  double rowHigh(int row) {
    return rowHigh[row];
  }

  /** Terms of a row. */
  int terms(int row) {
    return terms[row];
  }

  int column(int row, int term) {
    return columns.get(row)[term];
  }

  double coefficient(int row, int term) {
    return coefficients.get(row)[term];
  }

  /** The sum of a row. */
  double sum(int row, double[] values) {
    double sum = 0;
    for (int k = 0; k < terms[row]; k++) {
      sum += coefficients.get(row)[k] * values[columns.get(row)[k]];
    }
    return sum;
  }

  /** The largest part of a row's sum that one variable makes: what its tolerances scale with. */
  double scale(int row, double[] values) {
    double scale = 1;
    for (int k = 0; k < terms[row]; k++) {
      double part = Math.abs(coefficients.get(row)[k] * values[columns.get(row)[k]]);
      scale = Math.max(scale, part);
    }
    return scale;
  }

  /** What values cost. */
  double value(double[] values) {
    double value = 0;
    for (int j = 0; j < variables.size(); j++) {
      value += cost[j] * values[j];
    }
    return value;
  }

  /** Whether values keep all bounds and integers, up to rounding. */
  boolean admits(double[] values) {
    for (int j = 0; j < variables.size(); j++) {
      double slack = 1e-6 * Math.max(1, Math.abs(values[j]));
      boolean isWhole = !integer[j] || Math.abs(values[j] - Math.rint(values[j])) <= 1e-6;
      if (!isWhole || values[j] < low[j] - slack || values[j] > high[j] + slack) {
        return false;
      }
    }
    for (int i = 0; i < rows.size(); i++) {
      double sum = sum(i, values);
      double slack = 1e-6 * scale(i, values);
      if (sum < rowLow[i] - slack || sum > rowHigh[i] + slack) {
        return false;
      }
    }
    return true;
  }

  /** A copy that may be changed apart. */
  Programme copy() {
    Programme copy = new Programme();
    for (int j = 0; j < variables.size(); j++) {
      copy.variable(variables.get(j), low[j], high[j], integer[j]);
      copy.cost(j, cost[j]);
    }
    for (int i = 0; i < rows.size(); i++) {
      copy.row(rows.get(i), rowLow[i], rowHigh[i]);
      for (int k = 0; k < terms[i]; k++) {
        copy.term(i, column(i, k), coefficient(i, k));
      }
    }
    return copy;
  }

  /** The least cost; see {@link BranchAndBound}. */
  Outcome minimise(Effort effort) {
    return minimise(effort, new double[0]);
  }

  /**
   * The same with a solution to begin with, or an empty array: a third of the work for the tree, a
   * third to better what it found, and a third for the tree with that.
   */
  Outcome minimise(Effort effort, double[] start) {
    Programme tighter = copy();
    Cuts.add(tighter, effort.work() / 10);
    Effort third = effort.withWork(effort.work() / 3);
    BranchAndBound first = new BranchAndBound(tighter, third, start);
    Outcome outcome = first.solve();
    if (outcome.state() == Outcome.State.OPTIMAL
        || outcome.state() == Outcome.State.INFEASIBLE
        || first.linear().length == 0 && start.length == 0) {
      return outcome;
    }
    double[] linear = first.linear().length == 0 ? start : first.linear();
    double[] best =
        outcome.isFeasible() ? outcome.values() : Neighbourhood.begin(tighter, first, third);
    if (best.length > 0) {
      best = Neighbourhood.improve(tighter, best, linear, third);
    }
    Outcome last = new BranchAndBound(tighter, third, best).solve();
    double bound = Math.max(outcome.bound(), last.bound());
    return new Outcome(
        last.state(), last.values(), last.value(), bound, outcome.nodes() + last.nodes());
  }
}
