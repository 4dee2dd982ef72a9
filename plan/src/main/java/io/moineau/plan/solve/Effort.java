package io.moineau.plan.solve;

/**
 * When a search ends. Work is counted and not timed, so that the same programme has the same answer
 * on every machine.
 *
 * @param work multiplications of the tableau's numbers; 10^9 take about a second
 * @param gap part of the value within which a solution counts as the best
 * @param step smallest difference that there can be between two values, such as 1 where counts are
 *     minimised; 0 where none is known
 */
public record Effort(double work, double gap, double step) {
  /** Some seconds, and a thousandth. */
  public static Effort standard() {
    return new Effort(5e9, 1e-3, 0);
  }

  /** The same with another gap. */
  public Effort withGap(double other) {
    return new Effort(work, other, step);
  }

  /** The same with another step. */
  public Effort withStep(double other) {
    return new Effort(work, gap, other);
  }

  /** The same with other work. */
  public Effort withWork(double other) {
    return new Effort(other, gap, step);
  }
}
