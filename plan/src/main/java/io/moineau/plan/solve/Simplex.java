package io.moineau.plan.solve;

import java.util.Arrays;

/**
 * The dual simplex for bounded variables, on a dense tableau that stays as bounds change: moving
 * from one node of a tree of bounds to another costs a few pivots.
 *
 * <p>Each row {@code i} has a slack that equals its sum, so that {@code basic = T x nonbasic} at
 * all times, beginning with the slacks as the basis and {@code T} the coefficients. A nonbasic
 * variable stands at its lower bound where its reduced cost is positive and at its upper bound
 * where it is negative: as all variables have finite bounds that is dual feasible from the first
 * moment. The ratio test passes breakpoints as long as the row stays infeasible ("bound flipping";
 * Maros, "Computational Techniques of the Simplex Method", section 10.4).
 */
final class Simplex {
  static final double TOLERANCE = 1e-9;
  private static final double FEASIBLE = 1e-7;
  private static final double PIVOT = 1e-8;
  private static final int REFRESH = 400;

  /** How a solve ended. */
  enum End {
    OPTIMAL,
    INFEASIBLE,
    /** The cost passed the limit. */
    TOO_DEAR,
    /** Out of work, or the numbers do not let it go on. */
    STUCK
  }

  private final Programme programme;
  private final int n; // variables
  private final int m; // rows
  private final double[] rowScale;
  private final double[] costs; // with small perturbations, against ties
  private final double[][] tableau; // [m, n]
  private final double[] reduced; // [n]
  private final int[] basic; // [m] variable of a row; n + i is the slack of row i
  private final int[] nonbasic; // [n] variable of a column
  private final int[] place; // [n + m] row of a basic variable, -1 - column of another
  private final double[] low; // [n + m]
  private final double[] high; // [n + m]
  private final double[] x; // [n + m]
  private final int[] order; // columns of candidates: a heap by ratio, then those taken from it
  private final double[] ratios;
  private int pivots;
  private double work;

  Simplex(Programme programme) {
    this.programme = programme;
    n = programme.variables();
    m = programme.rows();
    rowScale = new double[m];
    costs = new double[n];
    tableau = new double[m][n];
    reduced = new double[n];
    basic = new int[m];
    nonbasic = new int[n];
    place = new int[n + m];
    low = new double[n + m];
    high = new double[n + m];
    x = new double[n + m];
    order = new int[n];
    ratios = new double[n];
    double largest = 0;
    for (int j = 0; j < n; j++) {
      largest = Math.max(largest, Math.abs(programme.cost(j)));
    }
    largest = largest == 0 ? 1 : largest;
    for (int j = 0; j < n; j++) {
      low[j] = programme.low(j);
      high[j] = programme.high(j);
      // Pseudorandom, the same each time: the golden ratio's multiples spread evenly.
      double spread = 0.5 + ((j + 1) * 0.6180339887498949) % 1;
      double unit = programme.cost(j);
      costs[j] = unit + 1e-9 * spread * Math.max(Math.abs(unit), 1e-3 * largest);
    }
    for (int i = 0; i < m; i++) {
      double most = 0;
      for (int k = 0; k < programme.terms(i); k++) {
        most = Math.max(most, Math.abs(programme.coefficient(i, k)));
      }
      rowScale[i] = most == 0 ? 1 : 1 / most;
      low[n + i] = programme.rowLow(i) * rowScale[i];
      high[n + i] = programme.rowHigh(i) * rowScale[i];
    }
    begin();
  }

  /** The slack basis. */
  private void begin() {
    for (int i = 0; i < m; i++) {
      double[] row = tableau[i];
      Arrays.fill(row, 0);
      for (int k = 0; k < programme.terms(i); k++) {
        row[programme.column(i, k)] += programme.coefficient(i, k) * rowScale[i];
      }
      basic[i] = n + i;
      place[n + i] = i;
    }
    System.arraycopy(costs, 0, reduced, 0, n);
    for (int j = 0; j < n; j++) {
      nonbasic[j] = j;
      place[j] = -1 - j;
    }
    pivots = 0;
  }

  /** Work done so far. */
  double work() {
    return work;
  }

  /** Sets the bounds of a variable for the next solve. */
  void bound(int variable, double least, double most) {
    low[variable] = least;
    high[variable] = most;
  }

  double low(int variable) {
    return low[variable];
  }

  double high(int variable) {
    return high[variable];
  }

  double value(int variable) {
    return x[variable];
  }

  /** What a variable's unit costs beyond the best solution; 0 for a basic one. */
  double reducedCost(int variable) {
    return place[variable] < 0 ? reduced[-1 - place[variable]] : 0;
  }

  /** The shadow price of a row: what the cost changes by when its bound rises by one. */
  double price(int row) {
    return reducedCost(n + row) * rowScale[row];
  }

  /** The cost of the values by the programme's own costs. */
  double cost() {
    double cost = 0;
    for (int j = 0; j < n; j++) {
      cost += programme.cost(j) * x[j];
    }
    return cost;
  }

  private double perturbedCost() {
    double cost = 0;
    for (int j = 0; j < n; j++) {
      cost += costs[j] * x[j];
    }
    return cost;
  }

  /** Puts nonbasic variables at the bounds that their reduced costs ask for. */
  private void settle() {
    for (int j = 0; j < n; j++) {
      int variable = nonbasic[j];
      boolean atHigh =
          reduced[j] < 0
              ? high[variable] < Double.POSITIVE_INFINITY
              : low[variable] == Double.NEGATIVE_INFINITY;
      x[variable] = atHigh ? high[variable] : low[variable];
    }
    computeBasic();
  }

  private void computeBasic() {
    for (int i = 0; i < m; i++) {
      double sum = 0;
      double[] row = tableau[i];
      for (int j = 0; j < n; j++) {
        sum += row[j] * x[nonbasic[j]];
      }
      x[basic[i]] = sum;
    }
    work += (double) m * n;
  }

  /** Builds the tableau of the same basis from the coefficients anew: rounding errors go. */
  private void refresh() {
    boolean[] wanted = new boolean[n + m];
    for (int i = 0; i < m; i++) {
      wanted[basic[i]] = true;
    }
    begin();
    for (int j = 0; j < n; j++) {
      if (!wanted[j]) {
        continue;
      }
      int column = -1 - place[j];
      int best = -1;
      for (int i = 0; i < m; i++) {
        boolean isLeaving = !wanted[basic[i]];
        double size = Math.abs(tableau[i][column]);
        if (isLeaving && size > PIVOT && (best < 0 || size > Math.abs(tableau[best][column]))) {
          best = i;
        }
      }
      if (best >= 0) {
        pivot(best, column); // else the basis was singular but for rounding: the slack stays
      }
    }
    pivots = 0;
  }

  /** Solves for the bounds as they are; ends early where the cost passes {@code limit}. */
  End solve(double limit, double workLimit) {
    settle();
    int stalls = 0;
    int most = 50 * (m + n) + 1000;
    for (int iteration = 0; iteration < most; iteration++) {
      if (work > workLimit) {
        return End.STUCK;
      }
      if (pivots >= REFRESH) {
        refresh();
        settle();
      }
      int row = leaving();
      if (row < 0) {
        if (pivots > 0 && !isExact()) {
          refresh();
          settle();
          if (++stalls > 3) {
            return End.STUCK;
          }
          continue;
        }
        return End.OPTIMAL;
      }
      if (!step(row)) {
        if (pivots > 0) { // once more with an exact tableau before it is believed
          refresh();
          settle();
          if (++stalls > 3) {
            return End.INFEASIBLE;
          }
          continue;
        }
        return End.INFEASIBLE;
      }
      // The dual cost only grows: past the limit nothing below it will come.
      if (iteration % 8 == 7 && perturbedCost() > limit) {
        return End.TOO_DEAR;
      }
    }
    return End.STUCK;
  }

  /** Whether the values fit the rows as they were written. */
  private boolean isExact() {
    for (int i = 0; i < m; i++) {
      double sum = programme.sum(i, x) * rowScale[i];
      if (Math.abs(sum - x[n + i]) > 1e-7 * Math.max(1, Math.abs(sum))) {
        return false;
      }
    }
    return true;
  }

  /** The row whose variable is farthest outside its bounds; -1 where all are inside. */
  private int leaving() {
    int row = -1;
    double worst = 1;
    for (int i = 0; i < m; i++) {
      int variable = basic[i];
      double value = x[variable];
      double outside = Math.max(low[variable] - value, value - high[variable]);
      double allowed = FEASIBLE * Math.max(1, Math.abs(value));
      if (outside > allowed && outside / FEASIBLE > worst) {
        worst = outside / FEASIBLE;
        row = i;
      }
    }
    return row;
  }

  /** Takes the variable of a row to its bound; false where no variable lets it. */
  private boolean step(int row) {
    int leaves = basic[row];
    boolean isLow = x[leaves] < low[leaves];
    double target = isLow ? low[leaves] : high[leaves];
    double sign = isLow ? 1 : -1; // the row's sum must go this way
    double[] t = tableau[row];
    int candidates = 0;
    for (int j = 0; j < n; j++) {
      int variable = nonbasic[j];
      double slope = sign * t[j];
      if (Math.abs(slope) < PIVOT || low[variable] == high[variable]) {
        continue;
      }
      boolean atLow = x[variable] == low[variable];
      if (atLow ? slope > 0 : slope < 0) {
        ratios[j] = Math.abs(reduced[j]) / Math.abs(slope);
        order[candidates++] = j;
      }
    }
    work += n;
    if (candidates == 0) {
      return false;
    }
    for (int k = candidates / 2 - 1; k >= 0; k--) {
      sift(k, candidates, t);
    }
    double missing = Math.abs(target - x[leaves]);
    int enters = -1;
    int left = candidates;
    while (left > 0) {
      int j = order[0];
      int variable = nonbasic[j];
      double passed = Math.abs(t[j]) * (high[variable] - low[variable]);
      if (passed >= missing || !Double.isFinite(passed)) {
        enters = j;
        break;
      }
      missing -= passed;
      order[0] = order[--left]; // those that are passed gather behind the heap
      order[left] = j;
      sift(0, left, t);
    }
    flip(left, candidates);
    if (enters < 0) {
      // All of them together nearly reach the target, or do not.
      x[leaves] = missing <= FEASIBLE * Math.max(1, Math.abs(target)) ? target : x[leaves];
      return x[leaves] == target;
    }
    double change = (target - x[leaves]) / t[enters];
    int entering = nonbasic[enters];
    x[entering] += change;
    for (int i = 0; i < m; i++) {
      x[basic[i]] += tableau[i][enters] * change;
    }
    x[leaves] = target;
    pivot(row, enters);
    return true;
  }

  /**
   * Whether a candidate goes before another: by ratio, and of nearly equal ones the safer pivot.
   */
  private boolean isBefore(int a, int b, double[] t) {
    double difference = ratios[a] - ratios[b];
    return Math.abs(difference) > 1e-12 ? difference < 0 : Math.abs(t[a]) > Math.abs(t[b]);
  }

  private void sift(int from, int size, double[] t) {
    int k = from;
    while (2 * k + 1 < size) {
      int child = 2 * k + 1;
      if (child + 1 < size && isBefore(order[child + 1], order[child], t)) {
        child++;
      }
      if (!isBefore(order[child], order[k], t)) {
        return;
      }
      int swapped = order[k];
      order[k] = order[child];
      order[child] = swapped;
      k = child;
    }
  }

  /** Takes the variables of some candidates to their other bounds. */
  private void flip(int from, int to) {
    for (int k = from; k < to; k++) {
      int j = order[k];
      int variable = nonbasic[j];
      boolean atLow = x[variable] == low[variable];
      double change = (atLow ? 1 : -1) * (high[variable] - low[variable]);
      x[variable] = atLow ? high[variable] : low[variable];
      for (int i = 0; i < m; i++) {
        x[basic[i]] += tableau[i][j] * change;
      }
    }
    work += (double) (to - from) * m;
  }

  /** Exchanges the variable of a row with that of a column. */
  private void pivot(int row, int column) {
    double[] t = tableau[row];
    double inverse = 1 / t[column];
    for (int j = 0; j < n; j++) {
      t[j] = -t[j] * inverse;
    }
    t[column] = inverse;
    for (int i = 0; i < m; i++) {
      if (i != row) {
        eliminate(tableau[i], t, column);
      }
    }
    eliminate(reduced, t, column);
    int leaves = basic[row];
    int enters = nonbasic[column];
    basic[row] = enters;
    nonbasic[column] = leaves;
    place[enters] = row;
    place[leaves] = -1 - column;
    pivots++;
    work += n;
  }

  private void eliminate(double[] row, double[] pivot, int column) {
    double factor = row[column];
    if (factor == 0) {
      return;
    }
    row[column] = 0;
    for (int j = 0; j < n; j++) {
      row[j] += factor * pivot[j];
    }
    work += n;
  }
}
