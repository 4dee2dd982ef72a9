package io.moineau.plan.capacity;

import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;

/**
 * The factors of the planner's formulas that no data sheet has: how much of peaks and bandwidths
 * programs reach, and how long launches take. They are fitted on published measurements, and age
 * with the software that these were made with.
 *
 * @param date of the fit
 * @param software that the measurements were made with
 * @param rows measurements that were fitted
 * @param factors by name; {@code memory.cpu} holds for the family {@code cpu}, {@code memory} for
 *     all that have none of their own
 */
public record Calibration(LocalDate date, String software, int rows, Map<String, Factor> factors) {

  /**
   * A factor.
   *
   * @param name of it
   * @param value that is used
   * @param low the least that the measurements allow
   * @param high the most
   * @param note what it is
   */
  public record Factor(String name, double value, double low, double high, String note) {}

  /** Checks that every factor of the formulas is there. */
  public Calibration {
    factors = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(factors));
    Set<String> missing = new TreeSet<>(Factors.NAMES);
    missing.removeAll(factors.keySet());
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException("factors are missing: " + missing);
    }
  }

  /** The one that is part of this module. */
  public static Calibration standard() {
    return read(YamlFile.resource("calibration.yaml"));
  }

  /**
   * One of a file.
   *
   * @throws io.moineau.plan.PlanException {@code plan-bad-file}
   */
  public static Calibration read(YamlSection file) {
    if (!file.text("moineau-calibration").equals("1")) {
      throw file.bad("moineau-calibration", "is another format", "1");
    }
    Map<String, Factor> factors = new LinkedHashMap<>();
    for (YamlSection row : file.sections("factors")) {
      Factor factor =
          new Factor(
              row.text("name"),
              number(row, "value"),
              number(row, "low"),
              number(row, "high"),
              row.text("note", ""));
      if (!Factors.NAMES.contains(factor.name().split("\\.")[0])) {
        throw row.bad("name", "is " + factor.name(), String.join(", ", Factors.NAMES));
      }
      factors.put(factor.name(), factor);
      row.end();
    }
    Set<String> missing = new TreeSet<>(Factors.NAMES);
    missing.removeAll(factors.keySet());
    if (!missing.isEmpty()) {
      throw file.bad("factors", "lacks " + String.join(", ", missing), "a row for each factor");
    }
    Calibration calibration =
        new Calibration(
            file.requiredDate("date"), file.text("software"), (int) number(file, "rows"), factors);
    file.end();
    return calibration;
  }

  private static double number(YamlSection row, String key) {
    return row.number(key).orElseThrow(() -> row.bad(key, "is missing", "a number")).doubleValue();
  }

  /** The value of a factor for a family of chips. */
  public double value(String name, String family) {
    Factor own = factors.get(name + "." + family);
    Factor used = own == null ? factors.get(name) : own;
    return Objects.requireNonNull(used, name).value();
  }

  /** The same with another value of one factor, which may be new for a family. */
  public Calibration with(String name, double value) {
    Map<String, Factor> more = new LinkedHashMap<>(factors);
    Factor old = factors.get(name);
    more.put(
        name,
        old == null
            ? new Factor(name, value, value, value, "")
            : new Factor(
                name, value, Math.min(old.low(), value), Math.max(old.high(), value), old.note()));
    return new Calibration(date, software, rows, more);
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("date", date.toString());
    json.put("software", software);
    json.put("rows", rows);
    Map<String, Object> values = new LinkedHashMap<>();
    factors.forEach((name, factor) -> values.put(name, factor.value()));
    json.put("factors", values);
    return json;
  }
}
