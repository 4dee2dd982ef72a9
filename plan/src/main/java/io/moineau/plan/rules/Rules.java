package io.moineau.plan.rules;

import io.moineau.plan.PlanException;
import io.moineau.plan.expr.Expression;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.yaml.YamlFile;
import io.moineau.plan.yaml.YamlSection;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Dated rules on chips.
 *
 * @param version date of the data, and files that were added
 * @param begins the first day that the data reach back to
 * @param rules in the order of the files
 * @param groups groups of countries
 */
public record Rules(String version, LocalDate begins, List<Rule> rules, CountryGroups groups) {
  private static final List<String> FILES =
      List.of("groups.yaml", "rules-us.yaml", "rules-cn.yaml");
  private static final LocalDate FIRST = LocalDate.of(1990, 1, 1);
  private static final LocalDate LAST = LocalDate.of(2100, 1, 1);

  /** The rules that are part of this module. */
  public static Rules standard() {
    return read(List.of());
  }

  /**
   * The rules of this module with those of a folder's files {@code *.yaml} that begin with {@code
   * moineau-rules} added; one with a known id replaces it.
   *
   * @throws PlanException {@code plan-no-folder} or {@code plan-bad-file}
   */
  public static Rules withFolder(Path folder) {
    return read(YamlFile.folder(folder));
  }

  private static Rules read(List<YamlSection> more) {
    List<YamlSection> files = new java.util.ArrayList<>();
    FILES.forEach(name -> files.add(YamlFile.resource(name)));
    more.stream().filter(file -> file.has("moineau-rules")).forEach(files::add);
    RuleReader reader = new RuleReader();
    files.forEach(reader::readGroups);
    files.forEach(reader::readRules);
    return reader.rules();
  }

  /**
   * A day from a text.
   *
   * @throws PlanException {@code plan-bad-date}
   */
  public static LocalDate date(String text) {
    String allowed = "a day of the calendar from " + FIRST + " to " + LAST + ", such as 2025-08-01";
    try {
      LocalDate date = LocalDate.parse(text);
      if (!date.isBefore(FIRST) && !date.isAfter(LAST)) {
        return date;
      }
    } catch (DateTimeException e) {
      throw new PlanException("plan-bad-date", "there is no such day", text, allowed, "correct it");
    }
    throw new PlanException("plan-bad-date", "a day far away", text, allowed, "correct it");
  }

  /**
   * The rule of an id.
   *
   * @throws PlanException {@code plan-unknown-rule}
   */
  public Rule get(String id) {
    return rules.stream()
        .filter(rule -> rule.id().equals(id))
        .findFirst()
        .orElseThrow(() ->
            new PlanException(
                "plan-unknown-rule",
                "there is no such rule",
                "'" + id + "'",
                String.join(", ", near(id)),
                "see: moineau rules list"));
  }

  private List<String> near(String id) {
    List<String> all = rules.stream().map(Rule::id).toList();
    List<String> near =
        all.stream()
            .filter(one -> !id.isEmpty() && (one.contains(id) || id.contains(one)))
            .toList();
    return near.isEmpty() ? all : near;
  }

  /** What the rules say of a case on a day. */
  public Assessment check(Facts facts, LocalDate date) {
    return new Weighing(this, facts, date).assessment();
  }

  /** Whether a condition holds for a case on a day. */
  public Truth holds(Expression condition, Facts facts, LocalDate date) {
    return condition.evaluate(new Weighing(this, facts, date));
  }

  /** What they say of a case over time, from the first day of the data to the last verified one. */
  public Timeline timeline(Facts facts) {
    return Timeline.of(this, facts);
  }

  /** What each rule was on two days, of those for which that differs. */
  public List<Change> diff(LocalDate from, LocalDate to) {
    return rules.stream()
        .map(rule -> new Change(rule, rule.statusOn(from), rule.statusOn(to)))
        .filter(change -> change.before() != change.after())
        .toList();
  }

  /**
   * A rule whose status changed.
   *
   * @param rule the rule
   * @param before its status on the first day
   * @param after its status on the second day
   */
  public record Change(Rule rule, Status before, Status after) {
    /** As plain values for JSON. */
    public Map<String, Object> json() {
      Map<String, Object> json = new LinkedHashMap<>();
      json.put("id", rule.id());
      json.put("title", rule.title());
      json.put("before", before.words());
      json.put("after", after.words());
      return json;
    }
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", version);
    json.put("begins", begins.toString());
    json.put("rules", rules.stream().map(Rule::json).toList());
    return json;
  }
}
