package io.moineau.plan.chart;

/**
 * Colours and other signs that tell series apart. Each colour has a contrast of at least 3 to 1
 * with white and with the darkest background of the page (WCAG 2.2, 1.4.11); a series is never told
 * by its colour alone.
 */
final class Palette {
  static final String[] COLOURS = {
    "#3578c8", "#c8611a", "#2b8a57", "#cf4545", "#8a62c4", "#13899b", "#a27333", "#c9508f",
    "#7d8024", "#71808f"
  };
  private static final String[] DASHES = {"", "7 3", "2 3", "9 3 2 3", "1 4"};

  private Palette() {}

  static String colour(int series) {
    return COLOURS[series % COLOURS.length];
  }

  /** The dashes of a line: another one when the colours begin anew. */
  static String dashes(int series) {
    return DASHES[series / COLOURS.length % DASHES.length];
  }

  /** A sign around a place; four shapes in turn. */
  static String shape(int series, double x, double y, double size) {
    String at = Svg.number(x);
    return switch (series % 4) {
      case 0 ->
          "M"
              + Svg.number(x - size)
              + " "
              + Svg.number(y)
              + arc(size, size)
              + arc(size, -size)
              + "Z";
      case 1 ->
          "M"
              + Svg.number(x - size)
              + " "
              + Svg.number(y - size)
              + "h"
              + Svg.number(2 * size)
              + "v"
              + Svg.number(2 * size)
              + "h"
              + Svg.number(-2 * size)
              + "Z";
      case 2 ->
          "M"
              + at
              + " "
              + Svg.number(y - 1.3 * size)
              + "l"
              + Svg.number(1.2 * size)
              + " "
              + Svg.number(2.2 * size)
              + "h"
              + Svg.number(-2.4 * size)
              + "Z";
      default ->
          "M"
              + at
              + " "
              + Svg.number(y - 1.4 * size)
              + "l"
              + Svg.number(1.4 * size)
              + " "
              + Svg.number(1.4 * size)
              + "l"
              + Svg.number(-1.4 * size)
              + " "
              + Svg.number(1.4 * size)
              + "l"
              + Svg.number(-1.4 * size)
              + " "
              + Svg.number(-1.4 * size)
              + "Z";
    };
  }

  private static String arc(double radius, double to) {
    String r = Svg.number(radius);
    return "a" + r + " " + r + " 0 1 1 " + Svg.number(2 * to) + " 0";
  }
}
