package io.moineau.cli;

import io.moineau.plan.chips.Catalogue;
import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Measure;
import io.moineau.plan.chips.Precision;
import io.moineau.text.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Chips side by side. */
@Command(
    name = "compare",
    header = "Chips side by side, as a table, CSV or JSON.",
    description = {""},
    footer = {"", "Examples:", "  moineau chips compare H20 910C MI300X --csv"})
final class ChipsCompareCommand extends Job {
  @Parameters(paramLabel = "NAME", arity = "0..*", description = "Two chips or more.")
  private List<String> names = List.of();

  @Mixin private CatalogueArgument catalogue = new CatalogueArgument();

  @Option(names = "--csv", description = "Print CSV: a line for each figure.")
  private boolean csv;

  @Option(names = "--json", description = "Print JSON.")
  private boolean json;

  ChipsCompareCommand(Streams streams) {
    super(streams);
  }

  @Override
  int execute() {
    if (names.size() < 2) {
      throw usage("give at least two chips");
    }
    if (csv && json) {
      throw usage("--csv and --json exclude each other");
    }
    Catalogue all = catalogue.chips();
    List<Chip> chips = names.stream().map(all::get).toList();
    if (json) {
      Map<String, Object> tree = new LinkedHashMap<>();
      tree.put("version", all.version());
      tree.put("chips", chips.stream().map(Chip::json).toList());
      print(Json.writeIndented(tree));
      return ExitCode.OK;
    }
    List<String[]> rows = rows(chips);
    if (csv) {
      rows.forEach(row -> print(csv(row)));
    } else {
      String[] header = rows.getFirst().clone();
      for (int i = 1; i < header.length; i++) {
        header[i] = ">" + header[i];
      }
      TextTable table = new TextTable(header);
      rows.stream().skip(1).forEach(row -> table.row((Object[]) row));
      table.lines("").forEach(this::print);
    }
    return ExitCode.OK;
  }

  private static List<String[]> rows(List<Chip> chips) {
    List<String[]> rows = new ArrayList<>();
    add(rows, chips, "chip", Chip::name);
    add(rows, chips, "vendor", Chip::vendor);
    add(rows, chips, "launch", Chip::launch);
    for (Precision precision : Precision.values()) {
      add(rows, chips, precision.key() + " T/s", chip -> text(chip.peak(precision)));
    }
    add(rows, chips, "memory", Chip::memory);
    for (Chip.Field field : Chip.Field.values()) {
      String title = field.key().replaceFirst("_[^_]*$", "") + " " + field.unit();
      add(rows, chips, title, chip -> text(chip.figure(field)));
    }
    add(rows, chips, "TPP", chip -> measure(chip.totalProcessingPerformance()));
    add(rows, chips, "PD", chip -> measure(chip.performanceDensity()));
    add(rows, chips, "software", Chip::software);
    add(rows, chips, "quality", chip -> chip.quality().name());
    return rows;
  }

  private static void add(
      List<String[]> rows, List<Chip> chips, String title, Function<Chip, String> cell) {
    String[] row = new String[chips.size() + 1];
    row[0] = title;
    boolean any = false;
    for (int i = 0; i < chips.size(); i++) {
      String text = cell.apply(chips.get(i));
      row[i + 1] = text.isEmpty() ? "-" : text;
      any |= !text.isEmpty();
    }
    if (any) {
      rows.add(row);
    }
  }

  private static String text(Optional<Figure> figure) {
    return figure.map(Figure::text).orElse("");
  }

  private static String measure(Optional<Measure> measure) {
    return measure.map(Measure::text).orElse("");
  }

  /** RFC 4180. */
  static String csv(String... cells) {
    StringBuilder line = new StringBuilder();
    for (String cell : cells) {
      String safe = SafeText.ofLine(cell);
      boolean quoted = safe.contains(",") || safe.contains("\"");
      line.append(line.isEmpty() ? "" : ",")
          .append(quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe);
    }
    return line.toString();
  }
}
