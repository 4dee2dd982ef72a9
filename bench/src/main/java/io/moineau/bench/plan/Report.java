package io.moineau.bench.plan;

import io.moineau.plan.capacity.Calibration;
import io.moineau.plan.capacity.Measurement;
import io.moineau.plan.capacity.Replay;
import io.moineau.plan.capacity.Score;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The scores as tables, row by row, the bad ones first. */
final class Report {
  private final List<Scored> all;
  private final List<Scored> rows; // that the score is of
  private final List<Measurement> without;
  private final Replay replay;

  Report(List<Scored> all, List<Measurement> without, Replay replay) {
    this.all = all;
    rows = all.stream().filter(Report::isScored).toList();
    this.without = without;
    this.replay = replay;
  }

  private static boolean isScored(Scored row) {
    return row.measurement().use() == Measurement.Use.YES;
  }

  private List<Scored> others() {
    return all.stream().filter(row -> !isScored(row)).toList();
  }

  Score left() {
    return Score.of(rows.stream().map(Scored::left).toList());
  }

  Score fitted() {
    return Score.of(rows.stream().map(Scored::fitted).toList());
  }

  /** With the rows that cannot be estimated counted as misses. */
  double nearOfAll() {
    double near = rows.stream().filter(row -> Score.isNear(row.left())).count();
    return near / (rows.size() + without.size());
  }

  String markdown(Calibration calibration) {
    StringBuilder text = new StringBuilder();
    text.append("# The planner against published measurements\n\n");
    text.append("By `bench/plan`, which fits the factors of `calibration.yaml` (");
    text.append(calibration.date()).append("). \"Left out\": each source was estimated with ");
    text.append("factors that were fitted without any of its rows; \"fitted\": with factors that ");
    text.append("were fitted on all rows. Ratios are estimate over measurement.\n\n");
    text.append("- left out: ").append(left().text()).append('\n');
    text.append("- fitted: ").append(fitted().text()).append('\n');
    Score more = Score.of(others().stream().map(Scored::left).toList());
    text.append("- left out, rows of measurements-more.yaml: ").append(more.text()).append('\n');
    text.append(
        String.format(
            Locale.ROOT,
            "- with the %d rows that cannot be estimated counted as misses: %.1f %% within a"
                + " factor of 1.5%n",
            without.size(),
            100 * nearOfAll()));
    table(text, "phase", Scored::phase);
    table(text, "family of chips", Scored::family);
    table(text, "source", Scored::source);
    text.append("\n## Rows beyond a factor of 1.5\n\n");
    header(text);
    rows.stream().filter(row -> !Score.isNear(row.left())).forEach(row -> line(text, row));
    text.append("\n## Rows without an estimate\n\n");
    for (Measurement row : without) {
      text.append("- ").append(row.id()).append(", ").append(row.title()).append(": ");
      text.append(replay.lacks(row)).append('\n');
    }
    text.append("\n## All rows\n\n");
    header(text);
    rows.forEach(row -> line(text, row));
    text.append("\n## Rows that are only fitted\n\n");
    header(text);
    others().forEach(row -> line(text, row));
    return text.toString();
  }

  private void table(StringBuilder text, String name, Function<Scored, String> key) {
    text.append("\n| ").append(name).append(" | rows | median error | within 1.5 | bias |\n");
    text.append("| --- | --- | --- | --- | --- |\n");
    Map<String, List<Scored>> groups = new TreeMap<>();
    rows.forEach(row -> groups.computeIfAbsent(key.apply(row), k -> new ArrayList<>()).add(row));
    groups.forEach((group, members) -> {
      Score score = Score.of(members.stream().map(Scored::left).toList());
      text.append(
          String.format(
              Locale.ROOT,
              "| %s | %d | %.0f %% | %.0f %% | %+.0f %% |%n",
              group,
              score.rows(),
              100 * score.medianError(),
              100 * score.near(),
              100 * score.bias()));
    });
  }

  private static void header(StringBuilder text) {
    text.append("| row | what | measured | left out | fitted | source |\n");
    text.append("| --- | --- | --- | --- | --- | --- |\n");
  }

  private static void line(StringBuilder text, Scored row) {
    text.append(
        String.format(
            Locale.ROOT,
            "| %s | %s | %.1f | %.2f | %.2f | %s |%n",
            row.measurement().id(),
            row.measurement().title(),
            Fit.measured(row.row()),
            row.left(),
            row.fitted(),
            row.source()));
  }

  Map<String, Object> json(Calibration calibration) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("calibration", calibration.json());
    json.put("left_out", json(left()));
    json.put("fitted", json(fitted()));
    List<Object> list = new ArrayList<>();
    for (Scored row : all) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("id", row.measurement().id());
      one.put("measured", Fit.measured(row.row()));
      one.put("left_out", row.left());
      one.put("fitted", row.fitted());
      one.put("source", row.source());
      list.add(one);
    }
    json.put("rows", list);
    json.put("without", without.stream().map(Measurement::id).toList());
    return json;
  }

  private static Map<String, Object> json(Score score) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rows", score.rows());
    json.put("median_error", score.medianError());
    json.put("near", score.near());
    json.put("bias", score.bias());
    return json;
  }
}
