package io.moineau.adapt;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/** Curves of a training as SVG, and a page that holds them all. */
final class TrainingReport {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 280;
  private static final int LEFT = 60;
  private static final int TOP = 30;
  private static final int RIGHT = 20;
  private static final int BOTTOM = 40;
  private static final int POINTS = 600;

  /** A line of a chart. */
  private record Curve(String name, String colour, ToDoubleFunction<TrainingLog.Row> value) {}

  private TrainingReport() {}

  /** Loss of training and validation by tokens read. */
  static String loss(List<TrainingLog.Row> rows) {
    List<Curve> curves = new ArrayList<>();
    curves.add(new Curve("training", "#1f77b4", TrainingLog.Row::loss));
    curves.add(new Curve("validation", "#d62728", TrainingLog.Row::validationLoss));
    if (rows.stream().anyMatch(row -> !Double.isNaN(row.mtpLoss()))) {
      curves.add(new Curve("token after next", "#9467bd", TrainingLog.Row::mtpLoss));
    }
    return chart("Loss (nats per token)", rows, curves);
  }

  /** Load of the fullest and the emptiest expert. */
  static String experts(List<TrainingLog.Row> rows) {
    return chart(
        "Tokens of an expert, by the mean of its layer",
        rows,
        List.of(
            new Curve("fullest", "#d62728", TrainingLog.Row::loadMost),
            new Curve("emptiest", "#2ca02c", TrainingLog.Row::loadLeast)));
  }

  private static String chart(String title, List<TrainingLog.Row> rows, List<Curve> curves) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (Curve curve : curves) {
      for (TrainingLog.Row row : rows) {
        double value = curve.value().applyAsDouble(row);
        if (!Double.isNaN(value)) {
          low = Math.min(low, value);
          high = Math.max(high, value);
        }
      }
    }
    if (low >= high) {
      high = low + 1;
    }
    if (Double.isInfinite(low)) {
      low = 0;
      high = 1;
    }
    double last = rows.isEmpty() ? 1 : rows.getLast().tokens();
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\""
                + " height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>%n"
                + "<text x=\"%d\" y=\"18\" font-weight=\"bold\">%s</text>%n",
            WIDTH,
            HEIGHT,
            WIDTH,
            HEIGHT,
            LEFT,
            title));
    for (int i = 0; i <= 4; i++) {
      double value = low + (high - low) * i / 4;
      double y = y(value, low, high);
      svg.append(
          String.format(
              Locale.ROOT,
              "<path d=\"M%d %.1fH%d\" stroke=\"#ddd\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>%n",
              LEFT,
              y,
              WIDTH - RIGHT,
              LEFT - 6,
              y + 4,
              value));
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"%s\">%s</text>%n",
              x(last * i / 4, last),
              HEIGHT - BOTTOM + 18,
              i == 4 ? "end" : "middle",
              count(last * i / 4)));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">tokens</text>%n",
            (LEFT + WIDTH - RIGHT) / 2,
            HEIGHT - 6));
    int legend = LEFT + 420;
    for (Curve curve : curves) {
      svg.append(line(rows, curve, low, high, last));
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"18\" fill=\"%s\">%s</text>%n",
              legend,
              curve.colour(),
              curve.name()));
      legend += 90;
    }
    return svg.append("</svg>\n").toString();
  }

  private static double x(double tokens, double last) {
    return LEFT + (WIDTH - LEFT - RIGHT) * tokens / last;
  }

  private static double y(double value, double low, double high) {
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low);
  }

  /** A number of tokens, short. */
  private static String count(double tokens) {
    return tokens >= 1e6
        ? String.format(Locale.ROOT, "%.1f M", tokens / 1e6)
        : String.format(Locale.ROOT, "%.0f", tokens);
  }

  /** A curve of at most {@value #POINTS} points, each the mean of some steps. */
  private static String line(
      List<TrainingLog.Row> rows, Curve curve, double low, double high, double last) {
    List<TrainingLog.Row> some =
        rows.stream().filter(row -> !Double.isNaN(curve.value().applyAsDouble(row))).toList();
    int group = Math.max(1, some.size() / POINTS);
    StringBuilder points = new StringBuilder();
    for (int from = 0; from < some.size(); from += group) {
      List<TrainingLog.Row> part = some.subList(from, Math.min(some.size(), from + group));
      double mean = part.stream().mapToDouble(curve.value()).average().orElse(0);
      points.append(
          String.format(
              Locale.ROOT, "%.1f,%.1f ", x(part.getLast().tokens(), last), y(mean, low, high)));
    }
    return "<polyline fill=\"none\" stroke=\""
        + curve.colour()
        + "\" points=\""
        + points
        + "\"/>\n";
  }

  /** A page without references to anything outside it. */
  static String html(Recipe recipe, List<TrainingLog.Row> rows, List<String> samples) {
    return html(recipe.name(), recipe.training().steps(), rows, samples, "Recipe", recipe.source());
  }

  /**
   * A page about any run.
   *
   * @param heading above {@code settings}, which say how it was run
   */
  static String html(
      String name,
      int steps,
      List<TrainingLog.Row> rows,
      List<String> samples,
      String heading,
      String settings) {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\"><title>");
    page.append(escape(name)).append("</title>\n<style>body{font-family:sans-serif;");
    page.append("max-width:800px;margin:2em auto}pre{background:#f4f4f4;padding:1em;");
    page.append("white-space:pre-wrap}</style>\n<h1>").append(escape(name));
    page.append("</h1>\n");
    if (!rows.isEmpty()) {
      TrainingLog.Row row = rows.getLast();
      page.append(
          String.format(
              Locale.ROOT,
              "<p>Step %d of %d, %d tokens, %.0f s, loss %.3f.</p>%n",
              row.step(),
              steps,
              row.tokens(),
              row.seconds(),
              row.loss()));
      for (TrainingLog.Row each : rows.reversed()) {
        if (!Double.isNaN(each.validationLoss())) {
          page.append(
              String.format(
                  Locale.ROOT,
                  "<p>Validation at step %d: perplexity %.2f per token, %.3f bits per byte.</p>%n",
                  each.step(),
                  Math.exp(each.validationLoss()),
                  each.bitsPerByte()));
          if (!Double.isNaN(each.mtpAccepted())) {
            page.append(
                String.format(
                    Locale.ROOT,
                    "<p>Multi-token prediction: %.1f %% of its first choices for the token after"
                        + " next are the model's.</p>%n",
                    100 * each.mtpAccepted()));
          }
          break;
        }
      }
    }
    page.append(loss(rows));
    if (rows.stream().anyMatch(row -> !Double.isNaN(row.loadMost()))) {
      page.append(experts(rows));
    }
    for (String sample : samples) {
      page.append("<h2>Sample</h2><pre>").append(escape(sample)).append("</pre>\n");
    }
    page.append("<h2>").append(escape(heading)).append("</h2><pre>");
    page.append(escape(settings)).append("</pre></html>\n");
    return page.toString();
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
