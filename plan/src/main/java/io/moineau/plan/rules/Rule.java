package io.moineau.plan.rules;

import io.moineau.plan.expr.Expression;
import io.moineau.plan.yaml.YamlSection;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A rule as it is written in a file.
 *
 * @param id its short name
 * @param title what it is about
 * @param jurisdiction whose it is: US, CN, MY
 * @param kind statute, rule, letter, guidance, press, bill
 * @param aspect the question that it belongs to
 * @param effect what it does
 * @param value of the effect: a paragraph, a symbol, a review policy, a duty, a quota; may be empty
 * @param scope what it speaks of at all; empty for everything
 * @param when its condition; empty for always
 * @param periods what it was from which day on, in order; the last is open
 * @param verified the last day for which its status is known
 * @param of rules that an exception or a review policy speaks of
 * @param over review policies that this one goes before
 * @param conditions that no machine can check
 * @param watch days on which something changes
 * @param text what it says, in a sentence or two
 * @param citation where it is published
 * @param sources addresses
 * @param evidence O official text read, Q quoted by others, L law firm, P press, C computed
 * @param origin file and line
 * @param quota of domestic chips that it asks of a site, if it does
 */
public record Rule(
    String id,
    String title,
    String jurisdiction,
    String kind,
    Aspect aspect,
    Effect effect,
    String value,
    Optional<Expression> scope,
    Optional<Expression> when,
    List<Period> periods,
    LocalDate verified,
    List<String> of,
    List<String> over,
    List<String> conditions,
    List<Watch> watch,
    String text,
    String citation,
    List<String> sources,
    String evidence,
    String origin,
    Optional<Quota> quota) {

  /**
   * A time of a rule, to the day before the next one.
   *
   * @param from its first day
   * @param status what the rule is
   * @param note may be empty
   */
  public record Period(LocalDate from, Status status, String note) {}

  /**
   * A day on which something changes.
   *
   * @param date the day
   * @param text what
   */
  public record Watch(LocalDate date, String text) {}

  /** What it is on a day. */
  public Status statusOn(LocalDate date) {
    return periodOn(date)
        .map(period ->
            date.isAfter(verified) && !period.status().isFinal() ? Status.UNKNOWN : period.status())
        .orElse(Status.NOT_YET);
  }

  /** The time that a day lies in; empty before the first. */
  public Optional<Period> periodOn(LocalDate date) {
    return periods.reversed().stream().filter(p -> !date.isBefore(p.from())).findFirst();
  }

  /** As plain values for JSON. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("id", id);
    json.put("title", title);
    json.put("jurisdiction", jurisdiction);
    json.put("kind", kind);
    json.put("aspect", YamlSection.word(aspect));
    json.put("effect", YamlSection.word(effect));
    json.put("value", value);
    json.put("scope", scope.map(Expression::source).orElse(null));
    json.put("when", when.map(Expression::source).orElse(null));
    json.put(
        "periods",
        periods.stream()
            .map(p ->
                Map.of("from", p.from().toString(), "status", p.status().words(), "note", p.note()))
            .toList());
    json.put("verified", verified.toString());
    json.put("of", of);
    json.put("over", over);
    json.put("conditions", conditions);
    json.put(
        "watch",
        watch.stream().map(w -> Map.of("date", w.date().toString(), "text", w.text())).toList());
    json.put("text", text);
    json.put("citation", citation);
    json.put("sources", sources);
    json.put("evidence", evidence);
    json.put("origin", origin);
    quota.ifPresent(q -> json.put("quota", q.json()));
    return json;
  }
}
