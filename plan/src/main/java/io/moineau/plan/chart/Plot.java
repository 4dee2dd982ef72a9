package io.moineau.plan.chart;

import io.moineau.plan.chart.XyChart.Look;
import io.moineau.plan.chart.XyChart.Mark;
import io.moineau.plan.chart.XyChart.Series;
import java.util.ArrayList;
import java.util.List;

/** Draws axes, and series between them. */
final class Plot {
  private static final double TEXT = 12;
  private static final double SIGN = 3.5;

  /** Beyond this, points are a line of their own and need no sign each. */
  private static final int MANY_POINTS = 200;

  private final Chart<?> chart;
  private final Axis xAxis;
  private final Axis yAxis;
  private final List<Series> series;
  private final List<Mark> marks;
  private final double height;
  private final Numbers numbers;
  private final Scale xs;
  private final Scale ys;
  private double left;
  private double top;
  private double width;
  private int omitted;

  Plot(
      Chart<?> chart,
      Axis xAxis,
      Axis yAxis,
      List<Series> series,
      List<Mark> marks,
      double height) {
    this.chart = chart;
    this.xAxis = xAxis;
    this.yAxis = yAxis;
    this.series = series;
    this.marks = marks;
    this.height = height;
    this.numbers = chart.numbers();
    double[] x = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    double[] y = {Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY};
    for (Series one : series) {
      for (Point point : one.points()) {
        if (Scale.shows(xAxis, point.x()) && Scale.shows(yAxis, point.y())) {
          include(x, point.x());
          include(y, point.y());
          includeIfShown(y, yAxis, point.low());
          includeIfShown(y, yAxis, point.high());
        }
      }
    }
    for (Mark mark : marks) {
      includeIfShown(x, xAxis, mark.x());
      includeIfShown(y, yAxis, mark.y());
    }
    xs = Scale.of(xAxis, x[0], x[1], numbers);
    ys = Scale.of(yAxis, y[0], y[1], numbers);
  }

  private static void include(double[] ends, double value) {
    ends[0] = Math.min(ends[0], value);
    ends[1] = Math.max(ends[1], value);
  }

  private static void includeIfShown(double[] ends, Axis axis, double value) {
    if (Scale.shows(axis, value)) {
      include(ends, value);
    }
  }

  double draw(Svg svg, double from) {
    double widest = 0;
    for (Scale.Tick tick : ys.ticks()) {
      widest = Math.max(widest, TextWidth.of(tick.text(), TEXT));
    }
    left = 8 + widest + 8;
    width = chart.width() - left - 16;
    top = from;
    if (!yAxis.label().isEmpty()) {
      label(svg, yAxis.label(), 8, top + 8, "start", chart.width() - 16);
      top += 20;
    }
    axes(svg);
    Labels labels = new Labels(new Labels.Box(left, top, width, height));
    List<Series> visible = new ArrayList<>();
    for (Series one : series) {
      visible.add(drawable(one));
    }
    visible.forEach(one -> one.points().forEach(p -> takePlace(labels, one, p)));
    for (Series one : visible) {
      svg.open("g", "class", "series");
      band(svg, one);
      lines(svg, one);
      signs(svg, one);
      svg.close("g");
    }
    marks.forEach(mark -> mark(svg, labels, mark));
    visible.forEach(one -> names(svg, labels, one));
    boolean isEmpty = visible.stream().allMatch(one -> one.points().stream().noneMatch(this::isIn));
    if (isEmpty) {
      svg.text(
          "text",
          chart.words("no data", "pas de données"),
          "x",
          left + width / 2,
          "y",
          top + height / 2,
          "text-anchor",
          "middle",
          "fill",
          "currentColor",
          "opacity",
          "0.75");
    }
    double y = top + height + 24;
    if (!xAxis.label().isEmpty()) {
      label(svg, xAxis.label(), left + width / 2, y + 12, "middle", width);
      y += 20;
    }
    Legend legend = new Legend();
    long named = series.stream().filter(one -> !one.name().isEmpty()).count();
    if (named > 1 || series.size() > 1) {
      series.stream()
          .filter(one -> !one.name().isEmpty())
          .forEach(one -> legend.add(one.name(), (s, sx, sy) -> legendSign(s, one, sx, sy)));
    }
    y += legend.draw(svg, 8, y + 4, chart.width() - 16);
    return chart.note(svg, omitted, y) + 8;
  }

  /** The points with those that cannot be shown as gaps. */
  private Series drawable(Series one) {
    List<Point> points = new ArrayList<>();
    for (Point point : one.points()) {
      if (isIn(point)) {
        points.add(point);
      } else {
        omitted++;
        points.add(Point.of(Double.NaN, Double.NaN));
      }
    }
    return new Series(one.name(), one.look(), one.sign(), points);
  }

  private boolean isIn(Point point) {
    return Scale.shows(xAxis, point.x())
        && Scale.shows(yAxis, point.y())
        && xs.holds(point.x())
        && ys.holds(point.y());
  }

  private void label(Svg svg, String text, double x, double y, String anchor, double room) {
    svg.text(
        "text",
        TextWidth.shortened(text, TEXT, room),
        "x",
        x,
        "y",
        y,
        "text-anchor",
        anchor,
        "fill",
        "currentColor",
        "opacity",
        "0.85");
  }

  private void axes(Svg svg) {
    svg.open("g", "class", "axes", "fill", "currentColor");
    for (Scale.Tick tick : ys.ticks()) {
      double y = y(tick.value());
      grid(svg, "M" + Svg.number(left) + " " + Svg.number(y) + "h" + Svg.number(width));
      svg.text("text", tick.text(), "x", left - 8, "y", y + 4, "text-anchor", "end");
    }
    double free = Double.NEGATIVE_INFINITY;
    for (Scale.Tick tick : xs.ticks()) {
      double x = x(tick.value());
      grid(svg, "M" + Svg.number(x) + " " + Svg.number(top) + "v" + Svg.number(height));
      double half = TextWidth.of(tick.text(), TEXT) / 2;
      double middle = Math.min(x, chart.width() - 2 - half);
      if (middle - half >= free) {
        svg.text("text", tick.text(), "x", middle, "y", top + height + 18, "text-anchor", "middle");
        free = middle + half + 6;
      }
    }
    svg.empty(
        "path",
        "class",
        "frame",
        "fill",
        "none",
        "stroke",
        "currentColor",
        "stroke-opacity",
        "0.6",
        "d",
        "M"
            + Svg.number(left)
            + " "
            + Svg.number(top)
            + "v"
            + Svg.number(height)
            + "h"
            + Svg.number(width));
    svg.close("g");
  }

  private static void grid(Svg svg, String path) {
    svg.empty("path", "d", path, "stroke", "currentColor", "stroke-opacity", "0.14");
  }

  private void takePlace(Labels labels, Series one, Point point) {
    if (!Double.isNaN(point.x()) && one.look() != Look.LINE) {
      labels.takePoint(x(point.x()), y(point.y()));
    }
  }

  private void band(Svg svg, Series one) {
    if (one.look() == Look.POINTS) {
      return;
    }
    for (List<Point> run : runs(one.points())) {
      if (run.size() > 1 && run.stream().anyMatch(Point::hasRange)) {
        StringBuilder path = new StringBuilder("M");
        run.forEach(p -> path.append(place(p.x(), high(p))).append(' '));
        run.reversed().forEach(p -> path.append(place(p.x(), low(p))).append(' '));
        svg.empty(
            "path",
            "class",
            "band",
            "d",
            path.append("Z").toString(),
            "fill",
            Palette.colour(one.sign()),
            "fill-opacity",
            "0.18");
      }
    }
  }

  private void lines(Svg svg, Series one) {
    if (one.look() == Look.POINTS) {
      return;
    }
    for (List<Point> run : runs(one.points())) {
      StringBuilder path = new StringBuilder("M");
      run.forEach(p -> path.append(place(p.x(), p.y())).append(' '));
      svg.empty(
          "path",
          "d",
          path.toString().strip(),
          "fill",
          "none",
          "stroke",
          Palette.colour(one.sign()),
          "stroke-width",
          "2",
          "stroke-linejoin",
          "round",
          "stroke-dasharray",
          Palette.dashes(one.sign()));
    }
  }

  private void signs(Svg svg, Series one) {
    boolean many = one.look() != Look.POINTS && one.points().size() > MANY_POINTS;
    if (one.look() == Look.LINE || many) {
      return;
    }
    String colour = Palette.colour(one.sign());
    for (Point point : one.points()) {
      if (Double.isNaN(point.x())) {
        continue;
      }
      boolean bar = point.hasRange() && (one.look() == Look.POINTS || one.points().size() == 1);
      if (bar) {
        svg.empty(
            "path",
            "class",
            "range",
            "stroke",
            colour,
            "stroke-width",
            "1.5",
            "d",
            "M" + place(point.x(), low(point)) + "V" + Svg.number(y(high(point))));
      }
      svg.titled(
          "path",
          told(one, point),
          "fill",
          colour,
          "d",
          Palette.shape(one.sign(), x(point.x()), y(point.y()), SIGN));
    }
  }

  private String told(Series one, Point point) {
    StringBuilder text = new StringBuilder(one.name());
    if (!point.label().isEmpty() && !point.label().equals(one.name())) {
      text.append(text.isEmpty() ? "" : ", ").append(point.label());
    }
    text.append(text.isEmpty() ? "" : "\n");
    text.append(xAxis.label()).append(": ").append(numbers.text(point.x())).append('\n');
    text.append(yAxis.label()).append(": ").append(numbers.text(point.y()));
    if (point.hasRange()) {
      text.append(" (").append(numbers.text(point.low())).append(" – ");
      text.append(numbers.text(point.high())).append(')');
    }
    return text.toString();
  }

  private void names(Svg svg, Labels labels, Series one) {
    for (Point point : one.points()) {
      if (!Double.isNaN(point.x()) && !point.label().isEmpty()) {
        labels
            .beside(point.label(), x(point.x()), y(point.y()))
            .ifPresent(place -> name(svg, point.label(), place));
      }
    }
  }

  private static void name(Svg svg, String text, Labels.Box place) {
    svg.text(
        "text",
        text,
        "class",
        "name",
        "x",
        place.left(),
        "y",
        Labels.baseline(place),
        "font-size",
        Labels.SIZE,
        "fill",
        "currentColor");
  }

  private void mark(Svg svg, Labels labels, Mark mark) {
    boolean vertical = Double.isNaN(mark.y());
    double value = vertical ? mark.x() : mark.y();
    if (!Scale.shows(vertical ? xAxis : yAxis, value) || !(vertical ? xs : ys).holds(value)) {
      omitted++;
      return;
    }
    String path =
        vertical
            ? "M" + Svg.number(x(value)) + " " + Svg.number(top) + "v" + Svg.number(height)
            : "M" + Svg.number(left) + " " + Svg.number(y(value)) + "h" + Svg.number(width);
    svg.titled(
        "path",
        mark.label(),
        "class",
        "limit",
        "d",
        path,
        "stroke",
        "currentColor",
        "stroke-width",
        "1.5",
        "stroke-dasharray",
        "5 4",
        "stroke-opacity",
        "0.8");
    String shown = TextWidth.shortened(mark.label(), Labels.SIZE, width / 2 - 8);
    var place =
        vertical ? labels.alongVertical(shown, x(value)) : labels.alongHorizontal(shown, y(value));
    place.ifPresent(box -> name(svg, shown, box));
  }

  private static void legendSign(Svg svg, Series one, double x, double y) {
    String colour = Palette.colour(one.sign());
    if (one.look() != Look.POINTS) {
      svg.empty(
          "path",
          "d",
          "M" + Svg.number(x) + " " + Svg.number(y) + "h20",
          "stroke",
          colour,
          "stroke-width",
          "2",
          "stroke-dasharray",
          Palette.dashes(one.sign()));
    }
    if (one.look() != Look.LINE) {
      svg.empty("path", "d", Palette.shape(one.sign(), x + 10, y, SIGN + 0.5), "fill", colour);
    }
  }

  /** Points between gaps. */
  private static List<List<Point>> runs(List<Point> points) {
    List<List<Point>> runs = new ArrayList<>();
    List<Point> run = new ArrayList<>();
    for (Point point : points) {
      if (!Double.isNaN(point.x())) {
        run.add(point);
      } else if (!run.isEmpty()) {
        runs.add(run);
        run = new ArrayList<>();
      }
    }
    if (!run.isEmpty()) {
      runs.add(run);
    }
    return runs;
  }

  /** The lower end of a range; the point itself where the axis cannot show it. */
  private double low(Point point) {
    return Scale.shows(yAxis, point.low()) ? Math.min(point.low(), point.y()) : ys.low();
  }

  private double high(Point point) {
    return Scale.shows(yAxis, point.high()) ? Math.max(point.high(), point.y()) : point.y();
  }

  private String place(double px, double py) {
    return Svg.number(x(px)) + " " + Svg.number(y(py));
  }

  private double x(double value) {
    return left + width * xs.part(value);
  }

  private double y(double value) {
    return top + height * (1 - ys.part(value));
  }
}
