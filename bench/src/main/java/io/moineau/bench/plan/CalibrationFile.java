package io.moineau.bench.plan;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes fitted values into calibration.yaml, line by line, and leaves everything else there. */
final class CalibrationFile {
  private static final Pattern FACTOR =
      Pattern.compile("( +- \\{name: )([a-z_.]+)(, value: ).*?(, note: .*)");

  private CalibrationFile() {}

  /** A value with the least and the most that the rows allow. */
  record Fitted(double value, double low, double high) {}

  static void write(Path file, Map<String, Fitted> factors, int rows) throws IOException {
    List<String> lines =
        Files.readAllLines(file).stream().map(line -> line(line, factors, rows)).toList();
    Files.writeString(file, String.join("\n", lines) + "\n");
  }

  private static String line(String line, Map<String, Fitted> factors, int rows) {
    if (line.startsWith("date: ")) {
      return "date: " + LocalDate.now(ZoneOffset.UTC);
    }
    if (line.startsWith("rows: ")) {
      return "rows: " + rows;
    }
    Matcher matcher = FACTOR.matcher(line);
    if (!matcher.matches() || !factors.containsKey(matcher.group(2))) {
      return line;
    }
    Fitted fitted = factors.get(matcher.group(2));
    return matcher.group(1)
        + matcher.group(2)
        + matcher.group(3)
        + three(fitted.value())
        + ", low: "
        + three(fitted.low())
        + ", high: "
        + three(fitted.high())
        + matcher.group(4);
  }

  /** Three digits, as a plain number. */
  private static String three(double value) {
    return new BigDecimal(String.format(Locale.ROOT, "%.2e", value))
        .stripTrailingZeros()
        .toPlainString();
  }
}
