package io.moineau.bench.peers;

import io.moineau.bench.peers.Comparison.Figure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A comparison as bars: a group per file and work, each bar as long as its share of the group's
 * longest. A self-contained SVG: no script, no font, no reference to the outside.
 */
final class ComparisonChart {
  private static final int LEFT = 250;
  private static final int BAR = 420;
  private static final int WIDTH = LEFT + BAR + 170;
  private static final int TOP = 64;
  private static final int HEIGHT = 16;
  private static final int GAP = 12;
  private static final Map<String, String> COLORS =
      Map.of(
          MoineauContestant.NAME, "#1f6f5c",
          LlamaCppContestant.NAME, "#b08a3e",
          Llama3JavaContestant.NAME, "#8a6fa8");

  private ComparisonChart() {}

  static String of(Comparison comparison, MachineFacts machine) {
    Map<String, List<Figure>> groups = new LinkedHashMap<>();
    for (Figure figure : comparison.figures()) {
      groups
          .computeIfAbsent(figure.model() + "  " + figure.work(), key -> new ArrayList<>())
          .add(figure);
    }
    int bars = comparison.figures().size();
    int height = TOP + bars * HEIGHT + groups.size() * GAP + 8;
    StringBuilder svg =
        new StringBuilder()
            .append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
            .append(WIDTH + " " + height + "\" width=\"" + WIDTH + "\" height=\"" + height)
            .append("\" font-family=\"sans-serif\" font-size=\"11\">\n")
            .append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n")
            .append("<text x=\"8\" y=\"20\" font-size=\"14\">Moineau and others on ")
            .append(escaped(machine.cpu()) + ", " + machine.threads() + " threads</text>\n")
            .append("<text x=\"8\" y=\"38\" fill=\"#555\">medians of " + machine.roundsText())
            .append("; seconds and GB: shorter is better; *: others disturbed it</text>\n");
    int y = TOP;
    for (Map.Entry<String, List<Figure>> group : groups.entrySet()) {
      y = group(svg, group.getKey(), group.getValue(), y) + GAP;
    }
    return svg.append("</svg>\n").toString();
  }

  private static int group(StringBuilder svg, String title, List<Figure> figures, int top) {
    double longest = figures.stream().mapToDouble(Figure::median).max().orElse(1);
    int y = top;
    svg.append("<text x=\"8\" y=\"" + (y + 11) + "\">" + escaped(title) + "</text>\n");
    for (Figure figure : figures) {
      double length = Math.max(1, BAR * figure.median() / longest);
      String color = COLORS.getOrDefault(figure.program(), "#777777");
      svg.append("<rect x=\"" + LEFT + "\" y=\"" + y + "\" height=\"" + (HEIGHT - 3))
          .append(String.format(Locale.ROOT, "\" width=\"%.1f\" fill=\"%s\"/>%n", length, color))
          .append(
              String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\">", LEFT + length + 5, y + 11))
          .append(
              ComparisonTable.digits(figure.median())
                  + (figure.disturbed() > 0 ? "* " : " ")
                  + figure.unit().label())
          .append(", " + escaped(figure.program()) + "</text>\n");
      y += HEIGHT;
    }
    return y;
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replaceAll("\\p{Cntrl}", " ");
  }
}
