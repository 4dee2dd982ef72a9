package io.moineau.plan.rules;

import io.moineau.plan.PlanException;
import io.moineau.plan.expr.Expression;
import io.moineau.plan.expr.ExpressionException;
import io.moineau.plan.expr.Names;
import io.moineau.plan.yaml.Scalar;
import io.moineau.plan.yaml.YamlSection;
import java.math.BigDecimal;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Reads files of rules and checks them: names, types, dates, and what rules say of each other. */
final class RuleReader {
  private static final Pattern ID = Pattern.compile("[a-z0-9][a-z0-9-]{1,60}");
  private static final Set<String> KINDS =
      Set.of("statute", "rule", "letter", "guidance", "press", "bill");
  private static final List<String> POOLS = List.of("computing", "storage", "together");
  static final String CASE_BY_CASE = "case by case";
  static final String DENIAL = "presumption of denial";
  static final String NOT_STATED = "not stated";

  private final Map<String, Rule> rules = new LinkedHashMap<>();
  private final Map<String, Scalar> references = new LinkedHashMap<>();
  private CountryGroups groups = new CountryGroups(Map.of(), Map.of());
  private String version = "";
  private LocalDate begins = LocalDate.MAX;

  /** Groups first: conditions name them. */
  void readGroups(YamlSection file) {
    if (file.has("groups") || file.has("same_as")) {
      groups = groups.with(file);
    }
  }

  void readRules(YamlSection file) {
    String format = file.text("moineau-rules");
    if (!format.equals("1")) {
      throw file.bad("moineau-rules", "is " + format, "1");
    }
    String date = file.requiredDate("version").toString();
    version = version.isEmpty() || version.equals(date) ? date : version + " + " + file.file();
    Optional<LocalDate> first = file.date("begins");
    if (first.isPresent() && first.get().isBefore(begins)) {
      begins = first.get();
    }
    file.has("groups");
    file.has("same_as");
    for (YamlSection part : file.sections("rules")) {
      Rule rule = rule(part);
      rules.put(rule.id(), rule);
    }
    file.end();
  }

  Rules rules() {
    references.forEach((id, where) -> {
      if (!rules.containsKey(id)) {
        throw where.bad("names " + id, "the id of a rule of this file or of the standard rules");
      }
    });
    return new Rules(version, begins, List.copyOf(rules.values()), groups);
  }

  private Rule rule(YamlSection part) {
    String id = part.text("id");
    if (!ID.matcher(id).matches()) {
      throw part.bad("id", "is " + id, "small letters, digits and hyphens");
    }
    String kind = part.text("kind");
    if (!KINDS.contains(kind)) {
      throw part.bad("kind", "is " + kind, String.join(", ", KINDS.stream().sorted().toList()));
    }
    Effect effect = part.requiredChoice("effect", Effect.class);
    String value = part.text("value", "");
    checkValue(part, effect, value);
    Names names = Facts.names(groups.groups().keySet());
    Rule rule =
        new Rule(
            id,
            part.text("title"),
            part.text("jurisdiction"),
            kind,
            part.requiredChoice("aspect", Aspect.class),
            effect,
            value,
            expression(part, "scope", names, effect),
            expression(part, "when", names, effect),
            periods(part, effect),
            part.requiredDate("verified"),
            ids(part, "of", effect == Effect.EXCEPTION || effect == Effect.REVIEW),
            ids(part, "over", false),
            part.texts("conditions"),
            watch(part),
            part.text("text"),
            part.text("citation", ""),
            part.texts("sources"),
            part.text("evidence"),
            part.file() + " line " + part.line(),
            part.section("quota").map(quota -> quota(part, quota, names, effect)));
    part.end();
    return rule;
  }

  private static Quota quota(YamlSection rule, YamlSection part, Names names, Effect effect) {
    boolean isOfSite = rule.text("aspect").equals(YamlSection.word(Aspect.SITE));
    if (!isOfSite || effect != Effect.QUOTA && effect != Effect.MANUAL) {
      throw rule.bad(
          "quota", "is given", "a quota only where the aspect is site, the effect quota or manual");
    }
    String allowed = "a part above 0 and up to 1, such as 0.5";
    BigDecimal share =
        part.number("part").orElseThrow(() -> part.bad("part", "is missing", allowed));
    if (share.signum() == 0 || share.compareTo(BigDecimal.ONE) > 0) {
      throw part.bad("part", "is " + share, allowed);
    }
    List<Scalar> pools = part.scalars("pools");
    for (Scalar pool : pools) {
      if (!POOLS.contains(pool.value())) {
        throw pool.bad("has " + pool.value(), String.join(", ", POOLS));
      }
    }
    Quota quota =
        new Quota(
            share,
            pools.isEmpty() ? POOLS : pools.stream().map(Scalar::value).toList(),
            expression(part, "when", names, effect),
            part.text("otherwise", ""),
            part.text("wider", ""));
    part.end();
    return quota;
  }

  private static void checkValue(YamlSection part, Effect effect, String value) {
    if (effect == Effect.REVIEW && !List.of(CASE_BY_CASE, DENIAL, NOT_STATED).contains(value)) {
      throw part.bad(
          "value", "is '" + value + "'", CASE_BY_CASE + ", " + DENIAL + ", " + NOT_STATED);
    }
    if (value.isEmpty() && (effect == Effect.CLASSIFY || effect == Effect.EXCEPTION)) {
      throw part.bad("value", "is missing", "a paragraph such as 3A090.a, or a symbol such as NAC");
    }
  }

  private static Optional<Expression> expression(
      YamlSection part, String key, Names names, Effect effect) {
    Optional<Scalar> text = part.scalar(key, "a condition");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (effect == Effect.CLASSIFY && text.get().value().contains("listed(")) {
      // What puts an item into paragraphs is decided before what asks for them: no circles.
      throw text.get().bad("uses listed()", "no listed() in a rule that classifies");
    }
    try {
      return Optional.of(Expression.parse(text.get().value(), names));
    } catch (ExpressionException e) {
      PlanException at =
          text.get().bad("is no condition: " + e.what() + " " + e.where(), e.allowed());
      at.initCause(e);
      throw at;
    }
  }

  private static List<Rule.Period> periods(YamlSection rule, Effect effect) {
    List<Rule.Period> periods = new ArrayList<>();
    for (YamlSection part : rule.sections("dates")) {
      Rule.Period period =
          new Rule.Period(
              part.requiredDate("from"),
              part.requiredChoice("status", Status.class),
              part.text("note", ""));
      boolean isLater = periods.isEmpty() || period.from().isAfter(periods.getLast().from());
      if (!isLater) {
        throw part.bad("from", "is " + period.from(), "a day after " + periods.getLast().from());
      }
      if (period.status() == Status.UNKNOWN || period.status() == Status.NOT_YET) {
        throw part.bad("status", "is " + period.status().words(), "what a source says of it");
      }
      boolean isReport =
          period.status() == Status.PRESS_REPORT || period.status() == Status.GUIDANCE;
      if (isReport && (effect == Effect.LICENCE || effect == Effect.CLASSIFY)) {
        throw part.bad(
            "status",
            "is " + period.status().words() + " for a rule that binds",
            "the effects manual, advice, duty, quota for what is no rule");
      }
      periods.add(period);
      part.end();
    }
    if (periods.isEmpty()) {
      throw rule.bad("dates", "is missing or empty", "a list of {from: DAY, status: ...}");
    }
    return List.copyOf(periods);
  }

  private List<String> ids(YamlSection part, String key, boolean required) {
    List<Scalar> ids = part.scalars(key);
    if (required && ids.isEmpty()) {
      throw part.bad(key, "is missing or empty", "ids of the rules that this one speaks of");
    }
    ids.forEach(id -> references.put(id.value(), id));
    return ids.stream().map(Scalar::value).toList();
  }

  private static List<Rule.Watch> watch(YamlSection rule) {
    List<Rule.Watch> watch = new ArrayList<>();
    for (YamlSection part : rule.sections("watch")) {
      watch.add(new Rule.Watch(part.requiredDate("date"), part.text("text")));
      part.end();
    }
    return List.copyOf(watch);
  }
}
