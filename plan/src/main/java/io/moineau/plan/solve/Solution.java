package io.moineau.plan.solve;

/**
 * What the solver found.
 *
 * @param status how good it is
 * @param value of the objective; NaN where there is no solution
 * @param values of the unknowns in the order in which they were added, whole ones exactly whole;
 *     empty where there is no solution
 * @param bound no solution has a lower value; NaN where no bound is known
 */
public record Solution(Status status, double value, double[] values, double bound) {
  /** Without a bound, or with the best value as the bound. */
  public Solution(Status status, double value, double[] values) {
    this(status, value, values, status == Status.OPTIMAL ? value : Double.NaN);
  }

  /** How good a solution is. */
  public enum Status {
    /** Nothing better exists. */
    OPTIMAL,
    /** It keeps every row, and the time was over before anything better could be ruled out. */
    FEASIBLE,
    /** No choice keeps every row. */
    INFEASIBLE,
    /** There are choices of any value: a bound or a row is missing. */
    UNBOUNDED,
    /** The time was over before any solution was found, or the numbers are too far apart. */
    UNKNOWN
  }

  /** Whether there is a choice that keeps every row. */
  public boolean isSolved() {
    return status == Status.OPTIMAL || status == Status.FEASIBLE;
  }

  /** Whether nothing better exists. */
  public boolean isOptimal() {
    return status == Status.OPTIMAL;
  }

  /** How far the value may be from the best one, as a part of it; 0 where it is optimal. */
  public double gap() {
    return isOptimal() ? 0 : Math.abs(value - bound) / Math.max(1e-12, Math.abs(value));
  }

  /** The value of one unknown. */
  public double of(int unknown) {
    return values[unknown];
  }

  /** The value of a whole unknown. */
  public long whole(int unknown) {
    return Math.round(values[unknown]);
  }
}
