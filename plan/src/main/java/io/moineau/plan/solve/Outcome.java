package io.moineau.plan.solve;

/**
 * What came out.
 *
 * @param state whether it is proven
 * @param values of the variables; empty where there is no solution
 * @param value what they cost; NaN where there is no solution
 * @param bound nothing costs less than this; infinite where nothing is feasible
 * @param nodes of the tree that were looked at
 */
record Outcome(State state, double[] values, double value, double bound, int nodes) {
  /** What is known of a programme. */
  enum State {
    /** The best there is, up to the gap that was allowed. */
    OPTIMAL,
    /** A solution; the effort ended before it was proven to be the best. */
    FEASIBLE,
    /** There is none. */
    INFEASIBLE,
    /** The effort ended before one was found. */
    UNKNOWN
  }

  /** Whether there are values. */
  boolean isFeasible() {
    return state == State.OPTIMAL || state == State.FEASIBLE;
  }

  /** How far the value may be from the best one, as a part of it. */
  double gap() {
    return value - bound <= 1e-9 ? 0 : (value - bound) / Math.max(Math.abs(value), 1e-9);
  }
}
