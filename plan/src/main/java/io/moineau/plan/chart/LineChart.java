package io.moineau.plan.chart;

import java.util.List;

/** Lines through points; a band around a line where its points have ranges. */
public final class LineChart extends XyChart<LineChart> {
  /** A chart without lines. */
  public LineChart(String title) {
    super(title);
  }

  @Override
  LineChart self() {
    return this;
  }

  /** A line with a sign at each point, in the order that they are given. */
  public LineChart line(String name, List<Point> points) {
    add(name, Look.LINE_WITH_POINTS, numSeries(), points);
    return this;
  }

  /** Points without a line, such as measurements beside an estimate. */
  public LineChart points(String name, List<Point> points) {
    add(name, Look.POINTS, numSeries(), points);
    return this;
  }
}
