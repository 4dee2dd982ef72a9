package io.moineau.plan.chart;

/**
 * A point of a chart. A point with a coordinate that is not a number is a gap in its line.
 *
 * @param x along the axis from left to right
 * @param y along the axis from bottom to top
 * @param low the lowest that y may be
 * @param high the highest that y may be
 * @param label what it is; may be empty
 */
public record Point(double x, double y, double low, double high, String label) {
  /** A point without a range. */
  public static Point of(double x, double y) {
    return new Point(x, y, y, y, "");
  }

  /** A point without a range, with a name. */
  public static Point of(double x, double y, String label) {
    return new Point(x, y, y, y, label);
  }

  boolean hasRange() {
    return low < high;
  }
}
