package io.moineau.plan.solve;

import io.moineau.plan.solve.Solution.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A mixed-integer linear programme: unknowns with bounds, rows (sums of unknowns with bounds), and
 * objectives in the order of their importance. Solved by {@link LinearBranches} over ojAlgo's
 * linear solver, by one thread: the same programme gives the same answer, whatever the machine.
 *
 * <p>Coefficients should lie within about six orders of magnitude of one another: the solver
 * computes in {@code double} with a tolerance. A caller that must be exact checks the answer in
 * exact arithmetic.
 */
public final class IntegerProgram {
  static final double TOLERANCE = 1e-7;

  record Unknown(String name, double low, double high, boolean isWhole) {}

  /** A sum of unknowns. */
  public static final class Row {
    final String name;
    final List<Integer> unknowns = new ArrayList<>();
    final List<Double> coefficients = new ArrayList<>();
    double low = Double.NEGATIVE_INFINITY;
    double high = Double.POSITIVE_INFINITY;
    double slack = 1e-9;

    private Row(String name) {
      this.name = name;
    }

    /** Adds {@code coefficient x unknown}. */
    public Row add(double coefficient, int unknown) {
      if (!Double.isFinite(coefficient)) {
        throw new IllegalArgumentException(
            "coefficient must be finite: " + name + " coefficient=" + coefficient);
      }
      int at = unknowns.indexOf(unknown);
      if (at >= 0) {
        coefficients.set(at, coefficients.get(at) + coefficient);
      } else {
        unknowns.add(unknown);
        coefficients.add(coefficient);
      }
      return this;
    }

    /** Adds a multiple of another row's sum, as it is so far. */
    public Row addAll(double factor, Row other) {
      for (int i = 0; i < other.unknowns.size(); i++) {
        add(factor * other.coefficients.get(i), other.unknowns.get(i));
      }
      return this;
    }

    /** The sum must be at least this. */
    public Row atLeast(double bound) {
      low = bound;
      return this;
    }

    /** The sum must be at most this. */
    public Row atMost(double bound) {
      high = bound;
      return this;
    }

    /** The sum must be this. */
    public Row equalTo(double bound) {
      return atLeast(bound).atMost(bound);
    }

    /** As an objective: how far from the best possible it may be, where it is not whole. */
    public Row within(double distance) {
      slack = distance;
      return this;
    }

    private Row copy(String other) {
      Row copy = new Row(other);
      copy.unknowns.addAll(unknowns);
      copy.coefficients.addAll(coefficients);
      return copy;
    }

    double of(double[] values) {
      double sum = 0;
      for (int i = 0; i < unknowns.size(); i++) {
        sum += coefficients.get(i) * values[unknowns.get(i)];
      }
      return sum;
    }

    private double scale(double[] values) {
      double scale = 1;
      for (int i = 0; i < unknowns.size(); i++) {
        scale = Math.max(scale, Math.abs(coefficients.get(i) * values[unknowns.get(i)]));
      }
      return scale;
    }

    boolean isKeptBy(double[] values, double tolerance) {
      double sum = of(values);
      double slack = tolerance * scale(values);
      return sum >= low - slack && sum <= high + slack;
    }
  }

  private final List<Unknown> unknowns = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();
  private final List<Row> objectives = new ArrayList<>();

  /** Adds an unknown that is a whole number between two finite bounds. */
  public int whole(String name, double low, double high) {
    if (!Double.isFinite(low) || !Double.isFinite(high) || low > high) {
      throw new IllegalArgumentException(
          "low <= high, both finite: " + name + " low=" + low + " high=" + high);
    }
    unknowns.add(new Unknown(name, low, high, true));
    return unknowns.size() - 1;
  }

  /** Adds an unknown that is 0 or 1. */
  public int choice(String name) {
    return whole(name, 0, 1);
  }

  /** Adds an unknown that is any number; both bounds may be infinite. */
  public int real(String name, double low, double high) {
    unknowns.add(new Unknown(name, low, high, false));
    return unknowns.size() - 1;
  }

  /** Adds a row. */
  public Row row(String name) {
    Row row = new Row(name);
    rows.add(row);
    return row;
  }

  /**
   * Adds a sum that is to be as small as possible, among the choices that are best for those added
   * before it.
   */
  public Row minimise(String name) {
    Row row = new Row(name);
    objectives.add(row);
    return row;
  }

  /** How many rows there are. */
  public int rows() {
    return rows.size();
  }

  /** How many unknowns there are. */
  public int size() {
    return unknowns.size();
  }

  /**
   * Solves for each objective in its turn.
   *
   * @param limit time for all of them together
   * @return with the value of the first objective; where the time is over in the middle, the best
   *     so far with {@link Status#FEASIBLE}
   */
  public Solution solve(Duration limit) {
    long end = System.nanoTime() + limit.toNanos();
    List<Row> kept = new ArrayList<>();
    Solution best = LinearBranches.none(Status.UNKNOWN);
    for (int i = 0; i < Math.max(1, objectives.size()); i++) {
      Row objective = objectives.isEmpty() ? new Row("nothing") : objectives.get(i);
      Solution next = solve(objective, kept, Math.max(1, (end - System.nanoTime()) / 1_000_000));
      if (!next.isSolved()) {
        // Rounding may close the room that the objectives before have left: what was found holds.
        return i == 0 ? next : best;
      }
      boolean isOptimal = next.isOptimal() && (i == 0 || best.isOptimal());
      best =
          new Solution(
              isOptimal ? Status.OPTIMAL : Status.FEASIBLE,
              i == 0 ? next.value() : best.value(),
              next.values(),
              i == 0 ? next.bound() : best.bound());
      double value = objective.of(best.values());
      kept.add(
          objective
              .copy("kept")
              .atMost(isWhole(objective) ? value : value + TOLERANCE * Math.abs(value)));
    }
    return best;
  }

  /**
   * Solves for each objective in its turn by a tree search of this package's own, for programmes
   * with hundreds of whole unknowns, on which {@link #solve} ends without a proof or an answer. All
   * unknowns need finite bounds. Work is counted and not timed: the same programme gives the same
   * answer.
   *
   * @param effort for each objective
   * @return with the value of the first objective, optimal up to the effort's gap, and a bound that
   *     it cannot go below
   */
  public Solution search(Effort effort) {
    return search(effort, new double[0]);
  }

  /**
   * The same from values to begin with, which are of use where they keep every row.
   *
   * @param begin a value for each unknown, or an empty array
   */
  public Solution search(Effort effort, double[] begin) {
    Programme programme = new Programme();
    for (Unknown unknown : unknowns) {
      programme.variable(unknown.name, unknown.low, unknown.high, unknown.isWhole);
    }
    for (Row row : rows) {
      add(programme, row);
    }
    Solution best = new Solution(Status.UNKNOWN, Double.NaN, new double[0]);
    double[] start =
        begin.length == unknowns.size() && programme.admits(begin) ? begin : new double[0];
    for (int i = 0; i < Math.max(1, objectives.size()); i++) {
      Row objective = objectives.isEmpty() ? new Row("nothing") : objectives.get(i);
      programme.clearCosts();
      for (int k = 0; k < objective.unknowns.size(); k++) {
        programme.cost(objective.unknowns.get(k), objective.coefficients.get(k));
      }
      // What comes after the first matters less, and begins with a solution.
      Effort share = i == 0 ? effort : effort.withWork(effort.work() / 4);
      Outcome next = programme.minimise(share.withStep(isWhole(objective) ? 1 : 0), start);
      if (!next.isFeasible()) {
        Status status =
            next.state() == Outcome.State.INFEASIBLE ? Status.INFEASIBLE : Status.UNKNOWN;
        return i == 0 ? new Solution(status, Double.NaN, new double[0]) : best;
      }
      start = next.values();
      boolean isOptimal = next.state() == Outcome.State.OPTIMAL && (i == 0 || best.isOptimal());
      best =
          new Solution(
              isOptimal ? Status.OPTIMAL : Status.FEASIBLE,
              i == 0 ? next.value() : best.value(),
              start.clone(),
              i == 0 ? next.bound() : best.bound());
      double value = objective.of(start);
      add(programme, objective.copy("kept").atMost(value + TOLERANCE * Math.abs(value)));
    }
    return best;
  }

  private static void add(Programme programme, Row row) {
    int added = programme.row(row.name, row.low, row.high);
    for (int k = 0; k < row.unknowns.size(); k++) {
      programme.term(added, row.unknowns.get(k), row.coefficients.get(k));
    }
  }

  private boolean isWhole(Row row) {
    for (int i = 0; i < row.unknowns.size(); i++) {
      double coefficient = row.coefficients.get(i);
      if (!unknowns.get(row.unknowns.get(i)).isWhole || coefficient != Math.rint(coefficient)) {
        return false;
      }
    }
    return true;
  }

  private Solution solve(Row objective, List<Row> kept, long milliseconds) {
    List<Row> all = new ArrayList<>(rows);
    all.addAll(kept);
    return new LinearBranches(unknowns, all, objective, isWhole(objective), milliseconds).solve();
  }

  /** The names and values of what is not zero, for logs and tests. */
  public String text(Solution solution) {
    if (!solution.isSolved()) {
      return solution.status().toString();
    }
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < unknowns.size(); i++) {
      if (solution.of(i) != 0) {
        parts.add(unknowns.get(i).name + "=" + solution.of(i));
      }
    }
    return solution.status() + " " + Arrays.toString(parts.toArray());
  }
}
