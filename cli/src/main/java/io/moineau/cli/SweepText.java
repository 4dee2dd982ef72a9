package io.moineau.cli;

import io.moineau.plan.capacity.Outcome;
import io.moineau.plan.capacity.Range;
import io.moineau.plan.capacity.Workload;
import io.moineau.plan.sweep.Row;
import io.moineau.plan.sweep.Summary;
import io.moineau.plan.sweep.Summary.Group;
import io.moineau.plan.sweep.Sweep;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A sweep as the terminal shows it: a table for each model and kind of requests, with the best of
 * each chip, best chip first.
 *
 * @param sweep it
 * @param summary what came out
 * @param all whether everything is shown that was kept
 */
record SweepText(Sweep sweep, Summary summary, boolean all) {
  private static final int MOST_TABLES = 8;
  private static final int MOST_LINES = 15;
  private static final double MILLI = 1e3;

  /** What is compared with each other. */
  private record Contest(String model, Workload requests) {
    String title() {
      String cached =
          requests.cachedShare() > 0
              ? " (" + Math.round(100 * requests.cachedShare()) + " % of them in a cache)"
              : "";
      return model
          + ": "
          + Figures.grouped(requests.inputTokens())
          + " tokens in"
          + cached
          + ", "
          + Figures.grouped(requests.outputTokens())
          + " out";
    }
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    String objective = sweep.objective().name().toLowerCase(Locale.ROOT).replace('_', ' ');
    lines.add(
        Figures.grouped(summary.rows())
            + " of "
            + Figures.grouped(sweep.size())
            + " configurations; the best of each chip by "
            + objective);
    lines.add("");
    Map<Contest, List<Group>> contests = new LinkedHashMap<>();
    for (Group group : summary.groups()) {
      contests
          .computeIfAbsent(
              new Contest(group.model(), group.requests()), contest -> new ArrayList<>())
          .add(group);
    }
    contests.entrySet().stream()
        .limit(all ? Integer.MAX_VALUE : MOST_TABLES)
        .forEach(contest -> table(lines, contest.getKey(), contest.getValue()));
    if (!all && contests.size() > MOST_TABLES) {
      lines.add(contests.size() - MOST_TABLES + " more tables with --all");
    }
    sweep.omitted().forEach(one -> lines.add(SafeText.ofLine("omitted: " + one)));
    return lines;
  }

  private void table(List<String> lines, Contest contest, List<Group> groups) {
    lines.add(SafeText.ofLine(contest.title()));
    List<Row> rows = new ArrayList<>();
    for (Group group : groups) {
      boolean whole = all || groups.size() == 1;
      rows.addAll(
          group.best().subList(0, whole ? group.best().size() : Math.min(1, group.best().size())));
    }
    rows.sort(Comparator.comparingDouble((Row row) -> -sweep.objective().of(row)));
    List<Row> shown = all ? rows : rows.subList(0, Math.min(rows.size(), MOST_LINES));
    if (!shown.isEmpty()) {
      TextTable table =
          new TextTable(
              "chip",
              ">count",
              "weights",
              "kv",
              "layout",
              ">in flight",
              ">tokens/s",
              ">per chip",
              ">first token",
              ">next token",
              "bound by");
      shown.forEach(row -> add(table, row));
      lines.addAll(table.lines("  "));
    }
    if (shown.size() < rows.size()) {
      lines.add("  " + (rows.size() - shown.size()) + " more with --all");
    }
    none(
        lines, "does not fit on: ", groups.stream().filter(group -> group.fitting() == 0).toList());
    none(
        lines,
        "fits, and misses the limits, on: ",
        groups.stream().filter(group -> group.fitting() > 0 && group.meeting() == 0).toList());
    lines.add("");
  }

  private static void none(List<String> lines, String why, List<Group> groups) {
    if (!groups.isEmpty()) {
      lines.add(
          SafeText.ofLine(
              "  " + why + String.join(", ", groups.stream().map(Group::chip).toList())));
    }
  }

  private static void add(TextTable table, Row row) {
    Outcome outcome = row.outcome();
    table.row(
        row.cell().question().device().name(),
        row.cell().question().count(),
        row.cell().question().weights().name(),
        row.cell().question().kv().name(),
        row.layout().text(),
        Range.number(row.batch()),
        Range.number(outcome.outputTokensPerSecond()),
        Range.number(row.perChip()),
        Range.number(outcome.ttft() * MILLI) + " ms",
        Range.number(outcome.tpot() * MILLI) + " ms",
        outcome.bound().name().toLowerCase(Locale.ROOT));
  }
}
