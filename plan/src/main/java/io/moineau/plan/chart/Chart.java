package io.moineau.plan.chart;

import java.util.Arrays;
import java.util.Locale;

/**
 * A chart that becomes a self-contained SVG: no script, no style, no font, no reference to the
 * outside, no identifiers, so that several can stand in one page. Text and axes take the colour of
 * the text around it. All that is given is escaped.
 *
 * @param <C> the chart itself
 */
public abstract sealed class Chart<C extends Chart<C>> permits XyChart, BarChart {
  /** The narrowest that a chart can be, in pixels. */
  public static final int NARROWEST = 280;

  /** The widest. */
  public static final int WIDEST = 2000;

  private static final double TITLE = 15;

  private final String title;
  private String description = "";
  private int width = 720;
  private boolean french;

  Chart(String title) {
    this.title = title;
  }

  abstract C self();

  /** Says in words what it shows, for those who do not see it. */
  public C description(String words) {
    description = words;
    return self();
  }

  /**
   * Lays it out for a width in pixels; 720 unless given.
   *
   * @throws IllegalArgumentException unless from {@value #NARROWEST} to {@value #WIDEST}
   */
  public C width(int pixels) {
    if (pixels < NARROWEST || pixels > WIDEST) {
      throw new IllegalArgumentException(
          NARROWEST + " <= width <= " + WIDEST + ": width=" + pixels);
    }
    width = pixels;
    return self();
  }

  /** Writes numbers, and the few words of its own, as French ({@code fr}) or else English does. */
  public C language(String tag) {
    french = tag.toLowerCase(Locale.ROOT).startsWith("fr");
    return self();
  }

  /** The chart. */
  public String svg() {
    Svg body = new Svg();
    double top = 8;
    for (String line : lines(title, width - 16)) {
      top += 18;
      body.text(
          "text",
          line,
          "x",
          8.0,
          "y",
          top,
          "font-size",
          TITLE,
          "font-weight",
          "600",
          "fill",
          "currentColor");
    }
    double height = draw(body, top + 12);
    Svg all =
        new Svg()
            .open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "class",
                "chart",
                "viewBox",
                "0 0 " + width + " " + Svg.number(height),
                "width",
                (double) width,
                "height",
                height,
                "font-family",
                "system-ui, sans-serif",
                "font-size",
                12.0,
                "role",
                "img",
                "aria-label",
                title);
    all.text("title", title);
    if (!description.isEmpty()) {
      all.text("desc", description);
    }
    return all.raw(body.toString()).close("svg").toString();
  }

  /** Draws what is below the title. Returns the height of all. */
  abstract double draw(Svg svg, double top);

  double width() {
    return width;
  }

  Numbers numbers() {
    return new Numbers(french);
  }

  String words(String inEnglish, String inFrench) {
    return french ? inFrench : inEnglish;
  }

  /** Writes what could not be drawn; returns where the next line would be. */
  double note(Svg svg, int omitted, double y) {
    if (omitted == 0) {
      return y;
    }
    String text =
        words(
            omitted + " not drawn: outside the axes or not known",
            omitted + " non tracés : hors des axes ou inconnus");
    svg.text(
        "text",
        text,
        "class",
        "note",
        "x",
        8.0,
        "y",
        y + 12,
        "font-size",
        11.0,
        "fill",
        "currentColor",
        "opacity",
        "0.75");
    return y + 20;
  }

  /** A title of at most two lines. */
  private static String[] lines(String text, double room) {
    String[] words = text.strip().split("\\s+");
    StringBuilder first = new StringBuilder();
    int i = 0;
    while (i < words.length && TextWidth.of(first + " " + words[i], TITLE) <= room) {
      first.append(first.isEmpty() ? "" : " ").append(words[i++]);
    }
    String rest = String.join(" ", Arrays.copyOfRange(words, i, words.length));
    if (first.isEmpty()) {
      return rest.isEmpty() ? new String[0] : new String[] {TextWidth.shortened(rest, TITLE, room)};
    }
    return rest.isEmpty()
        ? new String[] {first.toString()}
        : new String[] {first.toString(), TextWidth.shortened(rest, TITLE, room)};
  }
}
