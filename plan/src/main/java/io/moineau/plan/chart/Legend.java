package io.moineau.plan.chart;

import java.util.ArrayList;
import java.util.List;

/** Names of series with their signs, in as many columns as have room. */
final class Legend {
  private static final double SIZE = 12;
  private static final double ROW = 19;
  private static final double SIGN = 26;

  /**
   * A name in it.
   *
   * @param sign draws the sign at the left end and the middle line that it is given
   */
  record Entry(String name, Sign sign) {}

  /** What stands before a name. */
  @FunctionalInterface
  interface Sign {
    void draw(Svg svg, double x, double y);
  }

  private final List<Entry> entries = new ArrayList<>();

  void add(String name, Sign sign) {
    entries.add(new Entry(name, sign));
  }

  /** Draws it. Returns its height. */
  double draw(Svg svg, double left, double top, double width) {
    if (entries.isEmpty()) {
      return 0;
    }
    double widest = 0;
    for (Entry entry : entries) {
      widest = Math.max(widest, SIGN + TextWidth.of(entry.name(), SIZE) + 14);
    }
    double column = Math.min(widest, width);
    int columns = Math.max(1, (int) (width / column));
    int rows = (entries.size() + columns - 1) / columns;
    svg.open("g", "class", "legend", "font-size", SIZE);
    for (int i = 0; i < entries.size(); i++) {
      // Down the columns, so that neighbours in the order are neighbours in the legend.
      double x = left + i / rows * column;
      double y = top + i % rows * ROW + ROW / 2;
      String name = entries.get(i).name();
      String shown = TextWidth.shortened(name, SIZE, column - SIGN - 8);
      svg.open("g");
      if (!shown.equals(name)) {
        svg.text("title", name);
      }
      entries.get(i).sign().draw(svg, x, y);
      svg.text("text", shown, "x", x + SIGN, "y", y + 4, "fill", "currentColor");
      svg.close("g");
    }
    svg.close("g");
    return rows * ROW + 6;
  }
}
