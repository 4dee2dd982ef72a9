package io.moineau.plan.rules;

import java.time.LocalDate;
import java.time.temporal.ChronoUnit;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A timeline as a picture: a row for each answer, a colour for each verdict. Its classes let a page
 * that shows it put its own colours, and leave out the title and the note that it has already.
 */
final class TimelineSvg {
  private static final int LEFT = 170;
  private static final int WIDTH = 900;
  private static final int TOP = 56;
  private static final int ROW = 34;
  private static final int UNKNOWN_TAIL = 60;

  private static final Map<Verdict, String> COLOURS =
      new EnumMap<>(
          Map.of(
              Verdict.NO_LICENCE, "#4c9f70",
              Verdict.EXCEPTION_POSSIBLE, "#b5c94c",
              Verdict.MANUAL, "#8e7cc3",
              Verdict.UNKNOWN, "#b8bcc4",
              Verdict.LICENCE_REQUIRED, "#e8a33d",
              Verdict.PRESUMPTION_OF_DENIAL, "#c8463c"));

  private static final Map<String, String> FRENCH =
      Map.ofEntries(
          Map.entry(Aspect.NUMBERS.words(), "selon ses nombres"),
          Map.entry(Aspect.LETTERS.words(), "lettres à des sociétés"),
          Map.entry(Aspect.PARTY.words(), "partie et destination"),
          Map.entry(Verdict.NO_LICENCE.words(), "pas de licence selon ces règles"),
          Map.entry(Verdict.EXCEPTION_POSSIBLE.words(), "exception de licence possible"),
          Map.entry(Verdict.MANUAL.words(), "à la main"),
          Map.entry(Verdict.UNKNOWN.words(), "inconnu"),
          Map.entry(Verdict.LICENCE_REQUIRED.words(), "licence exigée"),
          Map.entry(Verdict.PRESUMPTION_OF_DENIAL.words(), "présomption de refus"),
          Map.entry("unverified", "non vérifié"),
          Map.entry("after", "après le"),
          Map.entry("to", "au"),
          Map.entry(
              Assessment.DISCLAIMER,
              "Ceci n’est pas un conseil juridique : les règles changent, et ces données peuvent"
                  + " être fausses."));

  private final Timeline timeline;
  private final boolean french;
  private final StringBuilder svg = new StringBuilder();

  private TimelineSvg(Timeline timeline, boolean french) {
    this.timeline = timeline;
    this.french = french;
  }

  static String draw(Timeline timeline, String title, boolean french) {
    return new TimelineSvg(timeline, french).draw(title);
  }

  /** Words of its own in the language that was asked for. */
  private String said(String words) {
    return french ? FRENCH.getOrDefault(words, words) : words;
  }

  private String draw(String title) {
    List<Aspect> rows = List.of(Aspect.NUMBERS, Aspect.LETTERS, Aspect.PARTY);
    int bottom = TOP + rows.size() * ROW;
    int height = bottom + 92;
    int width = LEFT + WIDTH + UNKNOWN_TAIL + 16;
    svg.append("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ")
        .append(width + " " + height + "\" width=\"" + width + "\" height=\"" + height)
        .append("\" font-family=\"sans-serif\" font-size=\"12\" role=\"img\">\n<title>")
        .append(escaped(title))
        .append(
            "</title>\n<rect class=\"paper\" width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    text(8, 22, "class=\"title\" font-size=\"15\"", title);
    for (int i = 0; i < rows.size(); i++) {
      row(rows.get(i), TOP + i * ROW);
    }
    years(bottom);
    legend(bottom + 44);
    text(
        8,
        height - 8,
        "class=\"legal\" fill=\"#555\" font-size=\"11\"",
        said(Assessment.DISCLAIMER));
    return svg.append("</svg>\n").toString();
  }

  private void row(Aspect aspect, int y) {
    text(LEFT - 8, y + 17, "text-anchor=\"end\"", said(aspect.words()));
    List<Timeline.Span> spans = timeline.spans();
    int first = 0;
    for (int i = 0; i < spans.size(); i++) {
      Verdict verdict = spans.get(i).answers().getOrDefault(aspect, Verdict.UNKNOWN);
      boolean isLast = i + 1 == spans.size();
      if (isLast || spans.get(i + 1).answers().get(aspect) != verdict) {
        LocalDate from = spans.get(first).from();
        LocalDate to = spans.get(i).to();
        box(x(from), y, x(to.plusDays(1)) - x(from), verdict, from + " " + said("to") + " " + to);
        first = i + 1;
      }
    }
    box(LEFT + WIDTH, y, UNKNOWN_TAIL, Verdict.UNKNOWN, said("after") + " " + timeline.ends());
  }

  private void box(double x, int y, double width, Verdict verdict, String when) {
    svg.append("<rect x=\"" + number(x) + "\" y=\"" + y + "\" width=\"" + number(width))
        .append("\" height=\"" + (ROW - 8) + "\" fill=\"" + COLOURS.get(verdict))
        .append("\" stroke=\"#fff\" stroke-width=\"0.5\"><title>" + escaped(when) + ": ")
        .append(escaped(said(verdict.words())) + "</title></rect>\n");
  }

  private void years(int y) {
    for (int year = timeline.begins().getYear() + 1; year <= timeline.ends().getYear(); year++) {
      double x = x(LocalDate.of(year, 1, 1));
      svg.append(
              "<line class=\"grid\" x1=\""
                  + number(x)
                  + "\" x2=\""
                  + number(x)
                  + "\" y1=\""
                  + (TOP - 6))
          .append("\" y2=\"" + y + "\" stroke=\"#333\" stroke-width=\"0.5\"/>\n");
      text(x + 3, y + 14, "fill=\"#555\"", Integer.toString(year));
    }
    text(LEFT + WIDTH + 2, y + 14, "fill=\"#555\"", said("unverified"));
  }

  private void legend(int y) {
    double x = 8;
    for (Verdict verdict : Verdict.values()) {
      svg.append("<rect x=\"" + number(x) + "\" y=\"" + (y - 10) + "\" width=\"12\" height=\"12\"")
          .append(" fill=\"" + COLOURS.get(verdict) + "\"/>\n");
      String words = said(verdict.words());
      text(x + 17, y, "", words);
      x += 40 + 6.6 * words.length();
    }
  }

  private void text(double x, int y, String attributes, String text) {
    svg.append("<text x=\"" + number(x) + "\" y=\"" + y + "\" " + attributes + ">")
        .append(escaped(text) + "</text>\n");
  }

  private double x(LocalDate day) {
    double all = ChronoUnit.DAYS.between(timeline.begins(), timeline.ends().plusDays(1));
    return LEFT + WIDTH * (ChronoUnit.DAYS.between(timeline.begins(), day) / all);
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  private static String escaped(String text) {
    StringBuilder safe = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '&' -> safe.append("&amp;");
        case '<' -> safe.append("&lt;");
        case '>' -> safe.append("&gt;");
        case '"' -> safe.append("&quot;");
        default -> safe.append(c < ' ' ? ' ' : c);
      }
    }
    return safe.toString();
  }
}
