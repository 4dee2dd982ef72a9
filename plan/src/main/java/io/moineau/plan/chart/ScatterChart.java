package io.moineau.plan.chart;

import java.util.List;

/** Points, with vertical bars for their ranges, and lines of equal ratio. */
public final class ScatterChart extends XyChart<ScatterChart> {
  /** A chart without points. */
  public ScatterChart(String title) {
    super(title);
  }

  @Override
  ScatterChart self() {
    return this;
  }

  /** Points that belong together. */
  public ScatterChart points(String name, List<Point> points) {
    add(name, Look.POINTS, numSeries(), points);
    return this;
  }

  /**
   * The line on which y is so many times x, between two x; for estimates against measurements.
   *
   * @param from the x at which it begins
   * @param to the x at which it ends
   */
  public ScatterChart ratio(double factor, String name, double from, double to) {
    add(
        name,
        Look.LINE,
        numSeries(),
        List.of(Point.of(from, factor * from), Point.of(to, factor * to)));
    return this;
  }
}
