package io.moineau.cli;

import java.util.Locale;

/**
 * Use of experts as a picture: one row per layer, one column per expert, darker the more often it
 * was chosen. A self-contained SVG: no script, no font, no reference to the outside.
 */
final class HeatMap {
  private static final int LEFT = 56;
  private static final int TOP = 64;
  private static final int BOTTOM = 48;

  private HeatMap() {}

  static String svg(ExpertCounts counts, String title) {
    int experts = counts.numExperts();
    int rows = 0;
    double highest = 0;
    for (int layer = 0; layer < counts.numLayers(); layer++) {
      if (counts.seen(layer)) {
        rows++;
        for (long count : counts.counts(layer)) {
          highest = Math.max(highest, (double) count / counts.total(layer));
        }
      }
    }
    int cell = Math.max(4, Math.min(24, 900 / Math.max(1, experts)));
    int width = Math.max(360, LEFT + experts * cell + 16);
    int height = TOP + rows * cell + BOTTOM;
    StringBuilder svg =
        new StringBuilder()
            .append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
            .append(width + " " + height + "\" width=\"" + width + "\" height=\"" + height)
            .append("\" font-family=\"sans-serif\" font-size=\"11\">\n")
            .append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n")
            .append("<text x=\"8\" y=\"20\" font-size=\"14\">" + escaped(title) + "</text>\n")
            .append("<text x=\"8\" y=\"38\" fill=\"#555\">rows: layers; columns: experts; ")
            .append("colour: share of the layer's choices</text>\n");
    axis(svg, experts, cell);
    int row = 0;
    for (int layer = 0; layer < counts.numLayers(); layer++) {
      if (counts.seen(layer)) {
        row(svg, counts, layer, TOP + row * cell, cell, highest);
        row++;
      }
    }
    legend(svg, TOP + rows * cell + 16, highest);
    return svg.append("</svg>\n").toString();
  }

  private static void axis(StringBuilder svg, int experts, int cell) {
    int step = Math.max(1, (int) Math.ceil(24.0 / cell));
    for (int e = 0; e < experts; e += step) {
      svg.append("<text x=\"" + (LEFT + e * cell + cell / 2) + "\" y=\"" + (TOP - 6))
          .append("\" text-anchor=\"middle\" font-size=\"9\" fill=\"#555\">" + e + "</text>\n");
    }
  }

  private static void row(
      StringBuilder svg, ExpertCounts counts, int layer, int y, int cell, double highest) {
    double total = counts.total(layer);
    long[] of = counts.counts(layer);
    svg.append("<text x=\"" + (LEFT - 8) + "\" y=\"" + (y + cell / 2 + 4))
        .append("\" text-anchor=\"end\" font-size=\"9\" fill=\"#555\">" + layer + "</text>\n");
    for (int e = 0; e < of.length; e++) {
      double share = of[e] / total;
      svg.append("<rect x=\"" + (LEFT + e * cell) + "\" y=\"" + y + "\" width=\"" + cell)
          .append("\" height=\"" + cell + "\" fill=\"" + color(share / highest))
          .append("\" stroke=\"#fff\" stroke-width=\"0.5\"><title>layer " + layer + ", expert " + e)
          .append(": " + of[e] + " (" + Figures.decimal(100 * share, 2) + " %)</title></rect>\n");
    }
  }

  private static void legend(StringBuilder svg, int y, double highest) {
    for (int i = 0; i <= 20; i++) {
      svg.append("<rect x=\"" + (LEFT + i * 8) + "\" y=\"" + y + "\" width=\"8\" height=\"10\"")
          .append(" fill=\"" + color(i / 20.0) + "\"/>\n");
    }
    svg.append("<text x=\"" + LEFT + "\" y=\"" + (y + 24) + "\" fill=\"#555\">0</text>\n")
        .append("<text x=\"" + (LEFT + 168) + "\" y=\"" + (y + 24))
        .append("\" text-anchor=\"end\" fill=\"#555\">" + Figures.decimal(100 * highest, 1))
        .append(" %</text>\n");
  }

  /** From a light to a dark blue, evenly to the eye; never chosen is nearly white. */
  private static String color(double fraction) {
    double f = Math.max(0, Math.min(1, fraction));
    int[] low = {0xf4, 0xf6, 0xfa};
    int[] middle = {0x5a, 0x9b, 0xd4};
    int[] high = {0x0a, 0x1f, 0x44};
    int[] from = f < 0.5 ? low : middle;
    int[] to = f < 0.5 ? middle : high;
    double t = f < 0.5 ? f * 2 : f * 2 - 1;
    return String.format(
        Locale.ROOT,
        "#%02x%02x%02x",
        Math.round(from[0] + t * (to[0] - from[0])),
        Math.round(from[1] + t * (to[1] - from[1])),
        Math.round(from[2] + t * (to[2] - from[2])));
  }

  static String escaped(String text) {
    return SafeText.ofLine(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
