package io.moineau.plan.rules;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the rules say of a case over time.
 *
 * @param facts of the case
 * @param begins the first day
 * @param ends the last verified day; what comes after it is unknown
 * @param spans times with the same answers, in order
 */
public record Timeline(Facts facts, LocalDate begins, LocalDate ends, List<Span> spans) {

  /**
   * A time in which no answer changes.
   *
   * @param from its first day
   * @param to its last day
   * @param strictest the strictest answer on a delivery
   * @param answers the three answers on a delivery
   * @param events rules of this case whose status changed on the first day
   */
  public record Span(
      LocalDate from,
      LocalDate to,
      Verdict strictest,
      Map<Aspect, Verdict> answers,
      List<String> events) {}

  static Timeline of(Rules rules, Facts facts) {
    TreeMap<LocalDate, List<String>> days = new TreeMap<>();
    days.put(rules.begins(), new ArrayList<>());
    for (Rule rule : rules.rules()) {
      for (Rule.Period period : rule.periods()) {
        if (!period.from().isBefore(rules.begins())) {
          days.computeIfAbsent(period.from(), day -> new ArrayList<>())
              .add(rule.id() + ": " + period.status().words());
        }
      }
    }
    rules
        .groups()
        .groups()
        .values()
        .forEach(versions -> {
          for (CountryGroups.Version version : versions) {
            if (version.from().isAfter(rules.begins())) {
              days.computeIfAbsent(version.from(), day -> new ArrayList<>());
            }
          }
        });
    LocalDate end = rules.check(facts, rules.begins()).lastVerified();
    List<Span> spans = new ArrayList<>();
    for (Map.Entry<LocalDate, List<String>> day : days.entrySet()) {
      if (!day.getKey().isAfter(end)) {
        append(spans, rules.check(facts, day.getKey()), day.getValue(), end);
      }
    }
    return new Timeline(facts, rules.begins(), end, List.copyOf(spans));
  }

  private static void append(
      List<Span> spans, Assessment assessment, List<String> events, LocalDate end) {
    Map<Aspect, Verdict> answers = new LinkedHashMap<>();
    List<String> concerned = new ArrayList<>();
    for (Answer answer : assessment.answers()) {
      if (!answer.aspect().isDelivery()) {
        continue;
      }
      answers.put(answer.aspect(), answer.verdict());
      for (Weighed weighed : answer.rules()) {
        String id = weighed.rule().id() + ":";
        events.stream().filter(event -> event.startsWith(id)).forEach(concerned::add);
      }
    }
    if (!spans.isEmpty()) {
      Span last = spans.removeLast();
      boolean isSame = last.answers().equals(answers) && concerned.isEmpty();
      LocalDate until = isSame ? end : assessment.date().minusDays(1);
      spans.add(new Span(last.from(), until, last.strictest(), last.answers(), last.events()));
      if (isSame) {
        return;
      }
    }
    spans.add(
        new Span(assessment.date(), end, assessment.strictest(), answers, List.copyOf(concerned)));
  }

  /** A picture of its own: no script, no font, no reference to the outside. */
  public String svg(String title) {
    return svg(title, "en");
  }

  /**
   * The same with its own words in a language.
   *
   * @param language {@code fr}; anything else is English
   */
  public String svg(String title, String language) {
    return TimelineSvg.draw(this, title, language.equals("fr"));
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("facts", facts.json());
    json.put("begins", begins.toString());
    json.put("last_verified", ends.toString());
    List<Object> list = new ArrayList<>();
    for (Span span : spans) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("from", span.from().toString());
      one.put("to", span.to().toString());
      one.put("strictest", span.strictest().words());
      Map<String, Object> answers = new LinkedHashMap<>();
      span.answers().forEach((aspect, verdict) -> answers.put(aspect.words(), verdict.words()));
      one.put("answers", answers);
      one.put("events", span.events());
      list.add(one);
    }
    json.put("spans", list);
    json.put("note", Assessment.DISCLAIMER);
    return json;
  }
}
