package io.moineau.plan.chart;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A roofline plot (Williams, Waterman and Patterson, Communications of the ACM 52(4), 2009): the
 * work per byte of memory of each operator, and the rate that it reaches, under what the chip can
 * do at most. Both axes are logarithmic.
 */
public final class RooflineChart extends XyChart<RooflineChart> {
  private record Roof(String name, double flopsPerSecond, double bytesPerSecond) {}

  private final List<Roof> roofs = new ArrayList<>();
  private final Map<String, List<Point>> operators = new LinkedHashMap<>();
  private boolean isComplete;

  /** A plot without a chip. */
  public RooflineChart(String title) {
    super(title);
    x(Axis.log("FLOP per byte of memory"));
    y(Axis.log("FLOP/s"));
  }

  @Override
  RooflineChart self() {
    return this;
  }

  /**
   * What a chip can do at most.
   *
   * @param flopsPerSecond its peak
   * @param bytesPerSecond its memory's bandwidth
   */
  public RooflineChart roof(String name, double flopsPerSecond, double bytesPerSecond) {
    roofs.add(new Roof(name, flopsPerSecond, bytesPerSecond));
    return this;
  }

  /**
   * An operator; one that does no work or reads nothing cannot be shown here and is counted.
   *
   * @param series to which it belongs, such as prefill
   * @param name of the operator
   * @param flops its work
   * @param bytes what it reads and writes
   * @param seconds its time
   */
  public RooflineChart operator(
      String series, String name, double flops, double bytes, double seconds) {
    operators
        .computeIfAbsent(series, key -> new ArrayList<>())
        .add(Point.of(flops / bytes, flops / seconds, name));
    return this;
  }

  @Override
  double draw(Svg svg, double top) {
    if (!isComplete) { // roofs are as wide as the operators below them, known only now
      isComplete = true;
      complete();
    }
    return super.draw(svg, top);
  }

  private void complete() {
    double least = Double.POSITIVE_INFINITY;
    double most = 0;
    for (List<Point> points : operators.values()) {
      for (Point point : points) {
        if (Scale.shows(xAxis(), point.x()) && Scale.shows(yAxis(), point.y())) {
          least = Math.min(least, point.x());
          most = Math.max(most, point.x());
        }
      }
    }
    for (Roof roof : roofs) {
      double ridge = roof.flopsPerSecond() / roof.bytesPerSecond();
      if (Scale.shows(xAxis(), ridge)) {
        least = Math.min(least, ridge / 20);
        most = Math.max(most, ridge * 20);
      }
    }
    for (Roof roof : roofs) {
      double ridge = roof.flopsPerSecond() / roof.bytesPerSecond();
      add(
          roof.name(),
          Look.LINE,
          numSeries(),
          List.of(
              Point.of(least, least * roof.bytesPerSecond()),
              Point.of(ridge, roof.flopsPerSecond()),
              Point.of(most, roof.flopsPerSecond())));
    }
    operators.forEach((name, points) -> add(name, Look.POINTS, numSeries(), points));
  }
}
