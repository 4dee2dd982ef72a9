package io.moineau.plan.chart;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Bars from left to right: a group for each thing, a bar in it for each series, or one bar of
 * parts. Names stand beside or above their bars and so never over each other.
 */
public final class BarChart extends Chart<BarChart> {
  private static final double BAR = 15;
  private static final double GAP = 10;
  private static final double TEXT = 12;

  /** Narrower charts have the names above the bars. */
  private static final int NARROW = 520;

  private record Bar(String series, double low, double value, double high) {
    boolean hasRange() {
      return low < high;
    }
  }

  private record Line(double at, String label) {}

  private final Map<String, List<Bar>> groups = new LinkedHashMap<>();
  private final Set<String> series = new LinkedHashSet<>();
  private final List<Line> lines = new ArrayList<>();
  private Axis axis = Axis.fromZero("");
  private boolean stacked;
  private int omitted;

  /** A chart without bars. */
  public BarChart(String title) {
    super(title);
  }

  @Override
  BarChart self() {
    return this;
  }

  /**
   * The axis of the values; it shows zero.
   *
   * @throws IllegalArgumentException if it is logarithmic: a bar's length has no meaning there
   */
  public BarChart axis(Axis values) {
    if (values.logarithmic()) {
      throw new IllegalArgumentException("the axis of bars is linear: " + values.label());
    }
    axis = new Axis(values.label(), false, values.from(), values.to(), Double.isNaN(values.from()));
    return this;
  }

  /** The parts of a group form one bar. */
  public BarChart stacked() {
    stacked = true;
    return this;
  }

  /** A bar. */
  public BarChart bar(String group, String name, double value) {
    return bar(group, name, value, value, value);
  }

  /** A bar whose value is in a range: a thin line shows it. */
  public BarChart bar(String group, String name, double low, double value, double high) {
    groups.computeIfAbsent(group, key -> new ArrayList<>()).add(new Bar(name, low, value, high));
    series.add(name);
    return this;
  }

  /** A dashed line across all bars. */
  public BarChart line(double at, String label) {
    lines.add(new Line(at, label));
    return this;
  }

  @Override
  double draw(Svg svg, double top) {
    omitted = 0;
    Scale scale = scale();
    boolean above = width() < NARROW;
    double names = above ? 0 : Math.min(widestName(), 0.42 * width());
    double left = 8 + names + (above ? 4 : 10);
    double room = width() - left - 16;
    double values = stacked ? widestTotal() : widestValue();
    double length = Math.max(room - values - 8, room / 3);
    double y = lineLabels(svg, top, left, length, scale);
    double first = y;
    Svg bars = new Svg();
    for (Map.Entry<String, List<Bar>> group : groups.entrySet()) {
      y = group(bars, group.getKey(), group.getValue(), y, left, length, above, names, scale);
    }
    if (groups.isEmpty()) {
      bars.text(
          "text",
          words("no data", "pas de données"),
          "x",
          left + length / 2,
          "y",
          y + 16,
          "text-anchor",
          "middle",
          "fill",
          "currentColor",
          "opacity",
          "0.75");
      y += 30;
    }
    grid(svg, scale, left, length, first, y);
    svg.raw(bars.toString());
    lines(svg, scale, left, length, first, y);
    y += 22;
    if (!axis.label().isEmpty()) {
      svg.text(
          "text",
          TextWidth.shortened(axis.label(), TEXT, room),
          "x",
          left,
          "y",
          y + 10,
          "fill",
          "currentColor",
          "opacity",
          "0.85");
      y += 18;
    }
    Legend legend = new Legend();
    if (series.size() > 1) {
      int i = 0;
      for (String name : series) {
        int sign = i++;
        legend.add(name, (s, sx, sy) -> swatch(s, sign, sx, sy));
      }
    }
    y += legend.draw(svg, 8, y + 4, width() - 16);
    return note(svg, omitted, y) + 8;
  }

  private static void swatch(Svg svg, int sign, double x, double y) {
    svg.empty(
        "rect",
        "x",
        x + 4,
        "y",
        y - 6,
        "width",
        12.0,
        "height",
        12.0,
        "rx",
        2.0,
        "fill",
        Palette.colour(sign));
  }

  private Scale scale() {
    double least = 0;
    double most = 0;
    for (List<Bar> bars : groups.values()) {
      double sum = 0;
      for (Bar bar : bars) {
        if (Scale.shows(axis, bar.value())) {
          sum += Math.max(0, bar.value());
          least = Math.min(least, Math.min(bar.value(), shown(bar.low(), bar.value())));
          most = Math.max(most, Math.max(bar.value(), shown(bar.high(), bar.value())));
        }
      }
      most = stacked ? Math.max(most, sum) : most;
    }
    for (Line line : lines) {
      if (Scale.shows(axis, line.at())) {
        least = Math.min(least, line.at());
        most = Math.max(most, line.at());
      }
    }
    return Scale.of(axis, stacked ? 0 : least, most, numbers());
  }

  private double shown(double value, double otherwise) {
    return Scale.shows(axis, value) ? value : otherwise;
  }

  private double widestName() {
    double widest = 0;
    for (String name : groups.keySet()) {
      widest = Math.max(widest, TextWidth.of(name, TEXT));
    }
    return widest;
  }

  private double widestValue() {
    double widest = 0;
    for (List<Bar> bars : groups.values()) {
      for (Bar bar : bars) {
        widest = Math.max(widest, TextWidth.of(valueText(bar), 11));
      }
    }
    return widest;
  }

  private double widestTotal() {
    double widest = 0;
    for (List<Bar> bars : groups.values()) {
      widest = Math.max(widest, TextWidth.of(numbers().text(total(bars)), 11));
    }
    return widest;
  }

  private double total(List<Bar> bars) {
    return bars.stream().mapToDouble(Bar::value).filter(v -> v > 0 && Scale.shows(axis, v)).sum();
  }

  private String valueText(Bar bar) {
    String text = numbers().text(bar.value());
    if (bar.hasRange()) {
      text += " (" + numbers().text(bar.low()) + " – " + numbers().text(bar.high()) + ")";
    }
    // Where colours begin anew they no longer tell the series.
    return series.size() > Palette.COLOURS.length ? text + " " + bar.series() : text;
  }

  private double group(
      Svg svg,
      String name,
      List<Bar> bars,
      double from,
      double left,
      double length,
      boolean above,
      double names,
      Scale scale) {
    double y = from + GAP / 2;
    double room = above ? width() - 16 : names;
    String shown = TextWidth.shortened(name, TEXT, room);
    int rows = stacked ? 1 : bars.size();
    double nameY = above ? y + 11 : y + rows * (BAR + 2) / 2 + 3;
    svg.open("g", "class", "group");
    if (!shown.equals(name)) {
      svg.text("title", name);
    }
    svg.text(
        "text",
        shown,
        "x",
        above ? 8.0 : left - 8,
        "y",
        nameY,
        "text-anchor",
        above ? "start" : "end",
        "fill",
        "currentColor");
    y += above ? 17 : 0;
    y =
        stacked
            ? stack(svg, name, bars, y, left, length, scale)
            : bars(svg, name, bars, y, left, length, scale);
    svg.close("g");
    return y + GAP / 2;
  }

  private double bars(
      Svg svg, String name, List<Bar> bars, double from, double left, double length, Scale scale) {
    double y = from;
    double zero = left + length * scale.part(0);
    for (Bar bar : bars) {
      if (Scale.shows(axis, bar.value())) {
        double end = left + length * scale.part(bar.value());
        rect(svg, bar, name, Math.min(zero, end), y, Math.abs(end - zero));
        double text = Math.max(zero, end);
        if (bar.hasRange()) {
          text = Math.max(text, range(svg, bar, y, left, length, scale));
        }
        String shown = TextWidth.shortened(valueText(bar), 11, width() - text - 8);
        svg.text(
            "text",
            shown,
            "class",
            "value",
            "x",
            text + 6,
            "y",
            y + 11.5,
            "font-size",
            11.0,
            "fill",
            "currentColor");
      } else {
        omitted++;
        svg.text(
            "text",
            words("not known", "inconnu"),
            "class",
            "value",
            "x",
            zero + 6,
            "y",
            y + 11.5,
            "font-size",
            11.0,
            "fill",
            "currentColor",
            "opacity",
            "0.75");
      }
      y += BAR + 2;
    }
    return y;
  }

  private double stack(
      Svg svg, String name, List<Bar> bars, double y, double left, double length, Scale scale) {
    double before = 0;
    for (Bar bar : bars) {
      if (!Scale.shows(axis, bar.value()) || bar.value() < 0) {
        omitted++;
        continue;
      }
      double begin = left + length * scale.part(before);
      before += bar.value();
      rect(svg, bar, name, begin, y, left + length * scale.part(before) - begin);
    }
    svg.text(
        "text",
        numbers().text(before),
        "class",
        "value",
        "x",
        left + length * scale.part(before) + 6,
        "y",
        y + 11.5,
        "font-size",
        11.0,
        "fill",
        "currentColor");
    return y + BAR + 2;
  }

  private void rect(Svg svg, Bar bar, String group, double x, double y, double width) {
    int sign = new ArrayList<>(series).indexOf(bar.series());
    String told = group + (bar.series().isEmpty() ? "" : ", " + bar.series()) + ": ";
    svg.titled(
        "rect",
        told + valueText(bar),
        "x",
        x,
        "y",
        y,
        "width",
        Math.max(width, 0.5),
        "height",
        BAR,
        "fill",
        Palette.colour(sign));
  }

  /** Draws the range as a thin line with ends; returns its right end. */
  private double range(Svg svg, Bar bar, double y, double left, double length, Scale scale) {
    double low = left + length * scale.part(shown(bar.low(), bar.value()));
    double high = left + length * scale.part(shown(bar.high(), bar.value()));
    double middle = y + BAR / 2;
    String ends = "v8m0-4";
    svg.empty(
        "path",
        "class",
        "range",
        "fill",
        "none",
        "stroke",
        "currentColor",
        "stroke-width",
        "1.5",
        "d",
        "M"
            + Svg.number(low)
            + " "
            + Svg.number(middle - 4)
            + ends
            + "H"
            + Svg.number(high)
            + "m0-4v8");
    return high;
  }

  private void grid(Svg svg, Scale scale, double left, double length, double top, double bottom) {
    svg.open("g", "class", "axes", "fill", "currentColor");
    double free = Double.NEGATIVE_INFINITY;
    for (Scale.Tick tick : scale.ticks()) {
      double x = left + length * scale.part(tick.value());
      svg.empty(
          "path",
          "stroke",
          "currentColor",
          "stroke-opacity",
          tick.value() == 0 ? "0.6" : "0.14",
          "d",
          "M" + Svg.number(x) + " " + Svg.number(top) + "V" + Svg.number(bottom));
      double half = TextWidth.of(tick.text(), 11) / 2;
      if (x - half >= free && x + half <= width()) {
        svg.text(
            "text",
            tick.text(),
            "x",
            x,
            "y",
            bottom + 15,
            "text-anchor",
            "middle",
            "font-size",
            11.0);
        free = x + half + 6;
      }
    }
    svg.close("g");
  }

  /** Writes the names of lines above the bars, each in the first row that has room. */
  private double lineLabels(Svg svg, double top, double left, double length, Scale scale) {
    List<Double> rows = new ArrayList<>();
    List<Line> inOrder = new ArrayList<>(lines);
    inOrder.sort(Comparator.comparingDouble(Line::at));
    for (Line line : inOrder) {
      if (!Scale.shows(axis, line.at()) || !scale.holds(line.at())) {
        omitted++;
        continue;
      }
      double x = left + length * scale.part(line.at());
      String shown = TextWidth.shortened(line.label(), 11, width() - 16);
      double wide = TextWidth.of(shown, 11);
      double begin = Math.clamp(x - wide / 2, 8, Math.max(8, width() - 8 - wide));
      int row = 0;
      while (row < rows.size() && rows.get(row) > begin) {
        row++;
      }
      if (row == rows.size()) {
        rows.add(0.0);
      }
      rows.set(row, begin + wide + 8);
      svg.text(
          "text",
          shown,
          "class",
          "name",
          "x",
          begin,
          "y",
          top + row * 15 + 10,
          "font-size",
          11.0,
          "fill",
          "currentColor");
    }
    return top + rows.size() * 15 + (rows.isEmpty() ? 0 : 3);
  }

  private void lines(Svg svg, Scale scale, double left, double length, double top, double bottom) {
    for (Line line : lines) {
      if (Scale.shows(axis, line.at()) && scale.holds(line.at())) {
        double x = left + length * scale.part(line.at());
        svg.titled(
            "path",
            line.label(),
            "class",
            "limit",
            "stroke",
            "currentColor",
            "stroke-width",
            "1.5",
            "stroke-dasharray",
            "5 4",
            "stroke-opacity",
            "0.8",
            "d",
            "M" + Svg.number(x) + " " + Svg.number(top) + "V" + Svg.number(bottom));
      }
    }
  }
}
