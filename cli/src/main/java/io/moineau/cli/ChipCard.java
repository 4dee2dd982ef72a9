package io.moineau.cli;

import io.moineau.plan.chips.Chip;
import io.moineau.plan.chips.Figure;
import io.moineau.plan.chips.Measure;
import io.moineau.plan.chips.Precision;
import io.moineau.plan.chips.Source;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One chip as text: each figure with its range, quality and sources. */
record ChipCard(Chip chip, String version) {

  /** A number without digits that a list does not need; {@code ~} before one that is a range. */
  static String brief(Measure measure) {
    return brief(measure.value(), measure.low(), measure.high());
  }

  static String brief(Optional<Figure> figure) {
    return figure.map(f -> brief(f.value(), f.low(), f.high())).orElse("-");
  }

  private static String brief(Optional<BigDecimal> value, BigDecimal low, BigDecimal high) {
    if (value.isEmpty() && low.compareTo(high) != 0) {
      return number(low) + "-" + number(high);
    }
    return (low.compareTo(high) == 0 ? "" : "~") + number(value.orElse(low));
  }

  static String number(BigDecimal value) {
    BigDecimal rounded =
        value.setScale(value.compareTo(BigDecimal.valueOf(100)) < 0 ? 2 : 0, RoundingMode.HALF_UP);
    BigDecimal stripped = rounded.stripTrailingZeros();
    return (stripped.scale() < 0 ? stripped.setScale(0) : stripped).toPlainString();
  }

  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(SafeText.ofLine(chip.name() + " (" + chip.vendor() + ", " + chip.country() + ")"));
    lines.add("");
    TextTable facts = new TextTable("", "");
    fact(facts, "seat of the designer", chip.hq());
    fact(facts, "kind", word(chip.kind().name()) + (chip.datacentre() ? ", for data centres" : ""));
    fact(facts, "architecture", chip.architecture());
    fact(facts, "launch", chip.launch() + (isLaunched() ? "" : " (" + chip.stage() + ")"));
    fact(facts, "process", chip.process());
    fact(facts, "foundry", chip.foundry());
    fact(facts, "memory", chip.memory());
    fact(facts, "link", chip.link());
    fact(facts, "software", chip.software());
    lines.addAll(facts.lines("  "));
    lines.add("");
    TextTable table = new TextTable("figure", ">value", "unit", "quality", "remark");
    for (Precision precision : Precision.values()) {
      chip.peak(precision)
          .ifPresent(f -> row(table, precision.key() + " dense", f, "T/s", f.note()));
    }
    for (Chip.Field field : Chip.Field.values()) {
      String die = field == Chip.Field.DIE_MM2 ? chip.die() : "";
      chip.figure(field)
          .ifPresent(
              f -> row(table, field.key(), f, field.unit(), f.note().isEmpty() ? die : f.note()));
    }
    measure(table, "TPP", chip.totalProcessingPerformance(), "");
    measure(table, "PD", chip.performanceDensity(), "1/mm2");
    lines.addAll(table.lines("  "));
    lines.add("");
    if (!chip.note().isEmpty()) {
      lines.add(SafeText.ofLine("  " + chip.note()));
      lines.add("");
    }
    lines.add("  quality of the row: " + chip.quality() + "; its figures are from:");
    for (Source source : chip.sources()) {
      lines.add(
          SafeText.ofLine(
              "    " + source.title() + ", " + source.date() + "  " + source.url().strip()));
    }
    lines.add(SafeText.ofLine("  catalogue of " + version + ", " + chip.origin()));
    return lines;
  }

  private boolean isLaunched() {
    return chip.stage().equals("launched");
  }

  private static String word(String name) {
    return name.toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
  }

  private static void fact(TextTable table, String name, String value) {
    if (!value.isEmpty()) {
      table.row(name, value);
    }
  }

  private static void row(TextTable table, String name, Figure f, String unit, String note) {
    table.row(name, f.text(), unit, f.quality() + (f.derived() ? ", derived" : ""), note);
  }

  private static void measure(
      TextTable table, String name, Optional<Measure> measure, String unit) {
    measure.ifPresent(m -> table.row(name, m.text(), unit, "computed", m.from()));
  }
}
