package io.moineau.plan.rules;

import io.moineau.plan.expr.Expression;
import io.moineau.plan.expr.Scope;
import io.moineau.plan.expr.Truth;
import io.moineau.plan.expr.Value;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Weighs all rules for one case on one day: first those that put the item into paragraphs, then
 * those that ask for licences, then their exceptions and the policies by which they are reviewed.
 */
final class Weighing implements Scope {
  private static final int WATCH_DAYS = 180;

  private final Rules rules;
  private final Facts facts;
  private final LocalDate date;
  private final Map<String, Truth> paragraphs = new LinkedHashMap<>();

  Weighing(Rules rules, Facts facts, LocalDate date) {
    this.rules = rules;
    this.facts = facts;
    this.date = date;
    for (Rule rule : rules.rules()) {
      if (rule.effect() == Effect.CLASSIFY) {
        paragraphs.merge(rule.value(), met(rule), Truth::or);
      }
    }
  }

  @Override
  public Value value(String variable) {
    Value value = facts.value(variable);
    boolean isPlace = variable.equals("to") || variable.equals("end_user_hq");
    return isPlace && value instanceof Value.Text text
        ? new Value.Text(rules.groups().canonical(text.value()))
        : value;
  }

  @Override
  public Truth member(String country, String group) {
    return rules.groups().member(country, group, date);
  }

  @Override
  public Truth listed(String paragraph) {
    Truth result = Truth.NO;
    for (Map.Entry<String, Truth> entry : paragraphs.entrySet()) {
      if (entry.getKey().equals(paragraph) || entry.getKey().startsWith(paragraph + ".")) {
        result = result.or(entry.getValue());
      }
    }
    return result;
  }

  private Truth inScope(Rule rule) {
    return rule.scope().map(expression -> expression.evaluate(this)).orElse(Truth.YES);
  }

  private Truth condition(Rule rule) {
    return rule.when().map(expression -> expression.evaluate(this)).orElse(Truth.YES);
  }

  /** Whether a rule holds here: no outside its dates, unknown after its last verified day. */
  private Truth met(Rule rule) {
    Status status = rule.statusOn(date);
    if (status == Status.UNKNOWN) {
      return Truth.UNKNOWN;
    }
    return status.counts() ? inScope(rule).and(condition(rule)) : Truth.NO;
  }

  private Weighed weighed(Rule rule) {
    Status status = rule.statusOn(date);
    Truth holds = inScope(rule).and(condition(rule));
    return new Weighed(
        rule,
        status,
        rule.periodOn(date).map(Rule.Period::note).orElse(""),
        holds,
        rule.when().map((Expression e) -> e.text(this)).orElse(""),
        met(rule) == Truth.YES);
  }

  Assessment assessment() {
    List<Answer> answers = new ArrayList<>();
    LocalDate verified = LocalDate.MAX;
    Verdict strictest = Verdict.NO_LICENCE;
    for (Aspect aspect : Aspect.values()) {
      LocalDate known = lastVerified(aspect);
      Answer answer = answer(aspect, known);
      if (aspect.isDelivery() || !answer.rules().isEmpty()) {
        answers.add(answer);
      }
      if (aspect.isDelivery()) {
        strictest = strictest.stricter(answer.verdict());
        verified = known.isBefore(verified) ? known : verified;
      }
    }
    List<Answer> then =
        date.isAfter(verified)
            ? new Weighing(rules, facts, verified)
                .assessment().answers().stream().filter(a -> a.aspect().isDelivery()).toList()
            : List.of();
    List<String> listed =
        paragraphs.entrySet().stream()
            .filter(entry -> entry.getValue() == Truth.YES)
            .map(Map.Entry::getKey)
            .toList();
    return new Assessment(
        date, facts, strictest, listed, answers, verified, then, watch(), remarks());
  }

  /** The last day for which every rule of a question that can still change is known. */
  private LocalDate lastVerified(Aspect aspect) {
    LocalDate known = LocalDate.MAX;
    for (Rule rule : rules.rules()) {
      boolean isOpen = !rule.periods().getLast().status().isFinal();
      if (rule.aspect() == aspect && rule.effect().decides() && isOpen) {
        known = rule.verified().isBefore(known) ? rule.verified() : known;
      }
    }
    return known;
  }

  private Answer answer(Aspect aspect, LocalDate known) {
    List<Weighed> weighed = new ArrayList<>();
    for (Rule rule : rules.rules()) {
      if (rule.aspect() == aspect && inScope(rule) != Truth.NO) {
        weighed.add(weighed(rule));
      }
    }
    Finding finding = new Finding();
    if (date.isBefore(rules.begins())) {
      finding.add(Verdict.UNKNOWN, "these data begin on " + rules.begins());
    } else if (date.isAfter(known) && (aspect.isDelivery() || !weighed.isEmpty())) {
      finding.add(Verdict.UNKNOWN, "verified up to " + known + ", not to " + date);
    } else {
      weighed.forEach(one -> weigh(one, finding));
    }
    if (aspect == Aspect.NUMBERS && finding.reasons.isEmpty()) {
      finding.reasons.add(
          paragraphs.containsValue(Truth.YES)
              ? "listed, but not for this destination"
              : "in no listed paragraph");
    }
    return new Answer(
        aspect,
        finding.verdict,
        List.copyOf(finding.reasons),
        List.copyOf(finding.conditions),
        List.copyOf(weighed));
  }

  private void weigh(Weighed one, Finding finding) {
    Rule rule = one.rule();
    Truth met = met(rule);
    if (rule.effect() == Effect.LICENCE && met == Truth.YES) {
      licence(rule, finding);
    } else if (rule.effect() == Effect.LICENCE && met == Truth.UNKNOWN) {
      finding.add(Verdict.UNKNOWN, rule.id() + " cannot be decided: " + missing(rule));
    } else if (rule.effect() == Effect.DUTY && met == Truth.YES) {
      finding.reasons.add("a duty of " + rule.value() + " (" + rule.id() + ")");
    } else if (rule.effect() == Effect.MANUAL || rule.effect() == Effect.QUOTA) {
      judge(rule, met, finding);
    }
  }

  /** What a person must look at: also a quota, whose shares are another question. */
  private void judge(Rule rule, Truth met, Finding finding) {
    if (met == Truth.YES) {
      String value = rule.value().isEmpty() ? rule.text() : rule.value();
      finding.add(Verdict.MANUAL, rule.id() + ": " + value);
      finding.conditions.addAll(rule.conditions());
    } else if (met == Truth.UNKNOWN) {
      finding.add(Verdict.UNKNOWN, rule.id() + " cannot be decided: " + missing(rule));
    }
  }

  private String missing(Rule rule) {
    String condition = rule.when().map((Expression e) -> e.text(this)).orElse("");
    String scope =
        inScope(rule) == Truth.UNKNOWN
            ? rule.scope().map((Expression e) -> e.text(this) + "; ").orElse("")
            : "";
    return scope + condition;
  }

  private static String name(Rule rule) {
    return rule.id() + " (" + rule.title() + ")";
  }

  private void licence(Rule rule, Finding finding) {
    for (Rule other : rules.rules()) {
      if (other.effect() == Effect.EXCEPTION && other.of().contains(rule.id())) {
        Truth met = met(other);
        if (met == Truth.YES) {
          finding.add(
              Verdict.EXCEPTION_POSSIBLE,
              name(rule) + " asks for a licence; exception " + other.value() + " may apply");
          finding.conditions.addAll(other.conditions());
          return;
        }
        if (met == Truth.UNKNOWN) {
          finding.reasons.add(
              "whether exception " + other.value() + " applies is open: " + missing(other));
        }
      }
    }
    review(rule, finding);
  }

  private void review(Rule rule, Finding finding) {
    List<Rule> policies = new ArrayList<>();
    Set<String> overridden = new LinkedHashSet<>();
    List<String> open = new ArrayList<>();
    for (Rule other : rules.rules()) {
      if (other.effect() == Effect.REVIEW && other.of().contains(rule.id())) {
        Truth met = met(other);
        if (met == Truth.YES) {
          policies.add(other);
          overridden.addAll(other.over());
        } else if (met == Truth.UNKNOWN) {
          open.add(other.value() + " if " + missing(other));
        }
      }
    }
    policies.removeIf(policy -> overridden.contains(policy.id()));
    Rule policy = policies.stream().max(Comparator.comparingInt(Weighing::severity)).orElse(null);
    String what = policy == null ? RuleReader.NOT_STATED : policy.value();
    boolean isDenial = what.equals(RuleReader.DENIAL) && open.isEmpty();
    finding.add(
        isDenial ? Verdict.PRESUMPTION_OF_DENIAL : Verdict.LICENCE_REQUIRED,
        name(rule)
            + " asks for a licence; review: "
            + (what.equals(RuleReader.NOT_STATED) ? "policy not in these data" : what)
            + (policy == null ? "" : " (" + policy.id() + ")")
            + (open.isEmpty() ? "" : "; or " + String.join("; or ", open)));
    if (policy != null) {
      finding.conditions.addAll(policy.conditions());
    }
  }

  private static int severity(Rule policy) {
    return switch (policy.value()) {
      case RuleReader.DENIAL -> 2;
      case RuleReader.CASE_BY_CASE -> 1;
      default -> 0;
    };
  }

  private List<Rule.Watch> watch() {
    List<Rule.Watch> ahead = new ArrayList<>();
    for (Rule rule : rules.rules()) {
      if (inScope(rule) != Truth.NO) {
        for (Rule.Watch watch : rule.watch()) {
          boolean isAhead =
              watch.date().isAfter(date) && !watch.date().isAfter(date.plusDays(WATCH_DAYS));
          if (isAhead) {
            ahead.add(new Rule.Watch(watch.date(), rule.id() + ": " + watch.text()));
          }
        }
      }
    }
    ahead.sort(Comparator.comparing(Rule.Watch::date));
    return List.copyOf(ahead);
  }

  private List<String> remarks() {
    List<String> remarks = new ArrayList<>();
    for (String name : Facts.meanings().keySet()) {
      if (facts.assumed().contains(name)) {
        remarks.add("assumed: " + name + "=" + facts.value(name).text());
      }
    }
    facts
        .text("to")
        .filter(to -> !rules.groups().canonical(to).equals(to))
        .ifPresent(to ->
            remarks.add(to + " counts as " + rules.groups().canonical(to) + " in these rules"));
    rules.groups().notes(date).forEach(note -> remarks.add("country groups: " + note));
    return List.copyOf(remarks);
  }

  /** What has been found for one question so far. */
  private static final class Finding {
    private Verdict verdict = Verdict.NO_LICENCE;
    private final List<String> reasons = new ArrayList<>();
    private final Set<String> conditions = new LinkedHashSet<>();

    void add(Verdict one, String reason) {
      verdict = verdict.stricter(one);
      reasons.add(reason);
    }
  }
}
