package io.moineau.bench.peers;

import io.moineau.bench.peers.Comparison.Figure;
import io.moineau.bench.peers.Comparison.Ratio;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** A comparison as Markdown: one table, and below it what one must know to read it. */
final class ComparisonTable {
  private static final List<String> HEADER =
      List.of(
          "file",
          "work",
          "unit",
          "Moineau",
          "of limit",
          "peer",
          "peer's",
          "of limit",
          "ratio",
          "rounds");

  private ComparisonTable() {}

  static String of(Comparison comparison, MachineFacts machine) {
    StringBuilder text = new StringBuilder();
    text.append(
        String.format(
            Locale.ROOT,
            "%s, %d processors, %.0f GB; %d threads each%s; memory read at %.1f GB/s, %.0f GOP/s in"
                + " 32-bit floats.%n%n",
            machine.cpu(),
            machine.processors(),
            machine.memoryBytes() / 1e9,
            machine.threads(),
            machine.limit().isEmpty() ? "" : ", limited to " + machine.limit(),
            machine.gigabytesPerSecond(),
            machine.gigaoperationsPerSecond()));
    table(text, rows(comparison, machine));
    text.append('\n');
    for (Comparison.Setting setting : comparison.settings()) {
      text.append(
          "- " + setting.program() + ", " + setting.model() + ": " + setting.setting() + "\n");
    }
    for (Comparison.Gap gap : comparison.gaps()) {
      text.append("- " + gap.program() + ", " + gap.model() + ": ")
          .append(gap.failed() ? "FAILED: " : "not measured: ")
          .append(gap.reason() + "\n");
    }
    int discarded = comparison.figures().stream().mapToInt(Figure::discarded).sum();
    int disturbed = comparison.figures().stream().mapToInt(Figure::disturbed).sum();
    text.append(
        String.format(
            Locale.ROOT,
            "- Medians of %s; the ratio says how many times better Moineau is (faster, or less"
                + " time or memory), with the lowest and highest of the rounds.%n- %d repetitions"
                + " were discarded, since others took more than %.0f %% of the processors; %d"
                + " samples count although they did (marked *).%n",
            machine.roundsText(),
            discarded,
            100 * CpuMeter.MOST_OTHERS,
            disturbed));
    return text.toString();
  }

  private static List<List<String>> rows(Comparison comparison, MachineFacts machine) {
    List<List<String>> rows = new ArrayList<>();
    for (Figure figure : comparison.figures()) {
      boolean ours = figure.program().equals(MoineauContestant.NAME);
      if (ours && comparison.figures().stream().anyMatch(other -> isPeerOf(figure, other))) {
        continue; // stands in the peer's row
      }
      rows.add(ours ? alone(figure, machine) : row(comparison, figure, machine));
    }
    return rows;
  }

  private static boolean isPeerOf(Figure figure, Figure other) {
    return !other.program().equals(figure.program())
        && other.model().equals(figure.model())
        && other.work().equals(figure.work());
  }

  private static List<String> alone(Figure ours, MachineFacts machine) {
    return List.of(
        ours.model(),
        ours.work(),
        ours.unit().label(),
        number(ours),
        share(ours, machine),
        "",
        "",
        "",
        "",
        "");
  }

  private static List<String> row(Comparison comparison, Figure theirs, MachineFacts machine) {
    List<String> row =
        new ArrayList<>(List.of(theirs.model(), theirs.work(), theirs.unit().label()));
    var ours = comparison.ours(theirs);
    row.add(ours.map(ComparisonTable::number).orElse(""));
    row.add(ours.map(figure -> share(figure, machine)).orElse(""));
    row.addAll(List.of(theirs.program(), number(theirs), share(theirs, machine)));
    if (ours.isPresent()) {
      Ratio ratio = Ratio.of(ours.get(), theirs);
      row.add(
          "**" + digits(ratio.ratio()) + "**" + mark(ours.get().disturbed() + theirs.disturbed()));
      row.add(
          ours.get().samples().size() > 1
              ? digits(ratio.lowest()) + " to " + digits(ratio.highest())
              : "");
    } else {
      row.addAll(List.of("", ""));
    }
    return row;
  }

  private static String number(Figure figure) {
    return digits(figure.median()) + mark(figure.disturbed());
  }

  private static String mark(int disturbed) {
    return disturbed > 0 ? "*" : "";
  }

  private static String share(Figure figure, MachineFacts machine) {
    OptionalDouble share = figure.share(machine);
    return share.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT, "%.0f %% %s", 100 * share.getAsDouble(), figure.limit().label());
  }

  /** Three digits that count, more for large numbers. */
  static String digits(double value) {
    if (!Double.isFinite(value)) {
      return "-";
    }
    int after = value >= 100 ? 0 : value >= 10 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + after + "f", value);
  }

  private static void table(StringBuilder text, List<List<String>> rows) {
    int[] widths = new int[HEADER.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = HEADER.get(i).length();
      for (List<String> row : rows) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    line(text, HEADER, widths);
    for (int width : widths) {
      text.append("| ").append("-".repeat(width)).append(' ');
    }
    text.append("|\n");
    for (List<String> row : rows) {
      line(text, row, widths);
    }
  }

  private static void line(StringBuilder text, List<String> cells, int[] widths) {
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i).replace("|", "\\|");
      text.append("| ").append(cell).append(" ".repeat(Math.max(0, widths[i] - cell.length()) + 1));
    }
    text.append("|\n");
  }
}
