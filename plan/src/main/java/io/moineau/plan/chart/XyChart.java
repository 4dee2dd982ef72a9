package io.moineau.plan.chart;

import java.util.ArrayList;
import java.util.List;

/**
 * A chart with two axes of numbers.
 *
 * @param <C> the chart itself
 */
public abstract sealed class XyChart<C extends XyChart<C>> extends Chart<C>
    permits LineChart, RooflineChart, ScatterChart {

  /** How a series is drawn. */
  enum Look {
    LINE,
    LINE_WITH_POINTS,
    POINTS
  }

  /** Points that belong together. */
  record Series(String name, Look look, int sign, List<Point> points) {}

  /** A line across the chart; x is NaN for a horizontal one, y for a vertical one. */
  record Mark(double x, double y, String label) {}

  private final List<Series> series = new ArrayList<>();
  private final List<Mark> marks = new ArrayList<>();
  private Axis x = Axis.linear("");
  private Axis y = Axis.linear("");
  private int height = 300;

  XyChart(String title) {
    super(title);
  }

  /** The axis from left to right. */
  public C x(Axis axis) {
    x = axis;
    return self();
  }

  /** The axis from bottom to top. */
  public C y(Axis axis) {
    y = axis;
    return self();
  }

  /**
   * The height of the area within the axes in pixels; 300 unless given.
   *
   * @throws IllegalArgumentException unless from 80 to 2000
   */
  public C height(int pixels) {
    if (pixels < 80 || pixels > WIDEST) {
      throw new IllegalArgumentException("80 <= height <= " + WIDEST + ": height=" + pixels);
    }
    height = pixels;
    return self();
  }

  /** A dashed vertical line, such as a limit. */
  public C vertical(double at, String label) {
    marks.add(new Mark(at, Double.NaN, label));
    return self();
  }

  /** A dashed horizontal line. */
  public C horizontal(double at, String label) {
    marks.add(new Mark(Double.NaN, at, label));
    return self();
  }

  void add(String name, Look look, int sign, List<Point> points) {
    series.add(new Series(name, look, sign, List.copyOf(points)));
  }

  int numSeries() {
    return series.size();
  }

  Axis xAxis() {
    return x;
  }

  Axis yAxis() {
    return y;
  }

  @Override
  double draw(Svg svg, double top) {
    return new Plot(this, x, y, series, marks, height).draw(svg, top);
  }
}
