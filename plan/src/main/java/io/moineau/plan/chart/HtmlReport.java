package io.moineau.plan.chart;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A report as one HTML file: nothing is loaded from elsewhere, no script, for screens light and
 * dark and for paper. All that is given is escaped.
 *
 * <pre>{@code
 * new HtmlReport("Audit of two sites")
 *     .section("North")
 *     .paragraph("Three readings pass, two fail.")
 *     .table(List.of("reading", "share"), List.of(List.of("chips", "62.5 %")))
 *     .chart(new BarChart("Shares").bar("chips", "", 62.5))
 *     .html();
 * }</pre>
 */
public final class HtmlReport {
  private static final String STYLE =
      """
      :root { color-scheme: light dark; --paper: #fff; --ink: #1d1b18; --soft: #5d574f;
        --line: #d9d4cb; --sunk: #f4f1ec; }
      @media (prefers-color-scheme: dark) {
        :root { --paper: #191715; --ink: #ece6dc; --soft: #a89f92; --line: #37322c;
          --sunk: #22201d; } }
      * { box-sizing: border-box; }
      body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 60rem; background: var(--paper);
        color: var(--ink); font: 1rem/1.55 system-ui, sans-serif; }
      h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 1rem; }
      h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; border-bottom: 1px solid var(--line); }
      h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
      p, ul { margin: 0 0 .8rem; overflow-wrap: anywhere; }
      .note { color: var(--soft); font-size: .875rem; }
      .scroll { overflow-x: auto; margin: 0 0 1rem; }
      table { border-collapse: collapse; font-size: .9rem; }
      caption { text-align: left; color: var(--soft); padding-bottom: .3rem; }
      th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0;
        border-bottom: 1px solid var(--line); }
      th { font-weight: 600; }
      .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
      pre { background: var(--sunk); padding: .8rem; overflow-x: auto; font-size: .85rem; }
      figure { margin: 0 0 1.2rem; }
      svg.chart { max-width: 100%; height: auto; }
      @media print {
        :root { --paper: #fff; --ink: #000; --soft: #444; --line: #bbb; --sunk: #f4f4f4; }
        body { max-width: none; padding: 0; font-size: 10pt; }
        h2, h3 { break-after: avoid; }
        figure, tr, pre { break-inside: avoid; }
        .scroll { overflow: visible; }
      }
      """;

  /** A number, alone or with a unit, a sign or a range. */
  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+±<>~≤≥]?\\s?[0-9][0-9.,\\s\\u202f'e+-]*(%|[A-Za-zµ/$]{1,6}|tokens/s)?"
              + "(\\s*(to|–|-)\\s*[0-9][0-9.,\\s\\u202fe+-]*\\s?(%|[A-Za-zµ/$]{1,6})?)?|-|–|");

  private static final Pattern TAG = Pattern.compile("<[^>]*>");

  private static final Pattern VALUE = Pattern.compile("\"[^\"]*\"");

  private static final Pattern UNWANTED =
      Pattern.compile("^<([!?]|/?(script|style|foreignobject|image|use|a)\\b)|href=|\\son[a-z]+=");

  private final String title;
  private final Svg body = new Svg();
  private String language = "en";

  /** A report that says nothing yet. */
  public HtmlReport(String title) {
    this.title = title;
  }

  /** The language of its texts, as a tag: {@code en} unless given. */
  public HtmlReport language(String tag) {
    language = tag;
    return this;
  }

  /** Begins a section. */
  public HtmlReport section(String heading) {
    body.text("h2", heading);
    return this;
  }

  /** Begins a part of a section. */
  public HtmlReport subsection(String heading) {
    body.text("h3", heading);
    return this;
  }

  /** A paragraph. */
  public HtmlReport paragraph(String text) {
    body.text("p", text);
    return this;
  }

  /** A paragraph in small letters, such as a source or what an estimate assumes. */
  public HtmlReport note(String text) {
    body.text("p", text, "class", "note");
    return this;
  }

  /** Lines with dots. Nothing if there are none. */
  public HtmlReport list(List<String> lines) {
    if (!lines.isEmpty()) {
      body.open("ul");
      lines.forEach(line -> body.text("li", line));
      body.close("ul");
    }
    return this;
  }

  /** Text as it is, in letters of one width. */
  public HtmlReport preformatted(String text) {
    body.text("pre", text);
    return this;
  }

  /** A table; columns of numbers are set to the right. */
  public HtmlReport table(List<String> header, List<? extends List<String>> rows) {
    return table("", header, rows);
  }

  /**
   * A table with a line above it.
   *
   * @throws IllegalArgumentException if a row has not as many cells as the header
   */
  public HtmlReport table(String caption, List<String> header, List<? extends List<String>> rows) {
    for (List<String> row : rows) {
      if (row.size() != header.size()) {
        throw new IllegalArgumentException(
            "a row has as many cells as the header: " + row.size() + " != " + header.size());
      }
    }
    // Reached by the keyboard, as a wide table scrolls within itself.
    body.open(
        "div",
        "class",
        "scroll",
        "tabindex",
        "0",
        "role",
        "group",
        "aria-label",
        caption.isEmpty() ? String.join(", ", header) : caption);
    body.open("table");
    if (!caption.isEmpty()) {
      body.text("caption", caption);
    }
    boolean[] numbers = new boolean[header.size()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = isNumeric(rows, i);
    }
    body.open("thead").open("tr");
    for (int i = 0; i < numbers.length; i++) {
      body.text("th", header.get(i), "scope", "col", "class", numbers[i] ? "number" : "");
    }
    body.close("tr").close("thead").open("tbody");
    for (List<String> row : rows) {
      body.open("tr");
      for (int i = 0; i < numbers.length; i++) {
        body.text("td", row.get(i), "class", numbers[i] ? "number" : "");
      }
      body.close("tr");
    }
    body.close("tbody").close("table").close("div");
    return this;
  }

  private static boolean isNumeric(List<? extends List<String>> rows, int column) {
    boolean any = false;
    for (List<String> row : rows) {
      String cell = row.get(column).strip();
      if (cell.length() > 60 || !NUMBER.matcher(cell).matches()) {
        return false;
      }
      any |= cell.chars().anyMatch(Character::isDigit);
    }
    return any;
  }

  /** A chart. */
  public HtmlReport chart(Chart<?> chart) {
    return figure(chart.svg());
  }

  /**
   * A picture that was made by this module, as SVG.
   *
   * @throws IllegalArgumentException if it does not begin as an SVG does, or could do or load
   *     anything
   */
  public HtmlReport chart(String svg) {
    if (!svg.startsWith("<svg ") || !svg.stripTrailing().endsWith("</svg>")) {
      throw new IllegalArgumentException("a chart begins with <svg and ends with </svg>");
    }
    Matcher tags = TAG.matcher(svg);
    while (tags.find()) {
      String tag = VALUE.matcher(tags.group()).replaceAll("\"\"").toLowerCase(Locale.ROOT);
      if (UNWANTED.matcher(tag).find()) {
        throw new IllegalArgumentException("a chart has no such tag: " + tag);
      }
    }
    return figure(svg);
  }

  private HtmlReport figure(String svg) {
    body.open("figure").raw(svg).close("figure");
    return this;
  }

  /** The file's text. */
  public String html() {
    return new Svg()
        .raw("<!DOCTYPE html>\n")
        .open("html", "lang", language)
        .open("head")
        .empty("meta", "charset", "utf-8")
        .empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1")
        .empty(
            "meta",
            "http-equiv",
            "Content-Security-Policy",
            "content",
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'")
        .text("title", title)
        .raw("<style>\n" + STYLE + "</style>\n")
        .close("head")
        .open("body")
        .open("main")
        .text("h1", title)
        .raw(body.toString())
        .close("main")
        .close("body")
        .close("html")
        .toString();
  }
}
