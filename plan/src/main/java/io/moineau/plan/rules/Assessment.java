package io.moineau.plan.rules;

import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All answers on one case and day. The three on a delivery may differ; none is averaged away.
 *
 * @param date the day
 * @param facts of the case
 * @param strictest the strictest of the three answers on a delivery
 * @param paragraphs of control lists that the item is in on that day
 * @param answers to the three questions on a delivery, then to those that have rules for this case
 * @param lastVerified the day up to which everything that was asked is known
 * @param asOfLastVerified the same for that day, where {@code date} is after it; else empty
 * @param watch days ahead on which something changes
 * @param remarks on the case: what was assumed, and what does not fit
 */
public record Assessment(
    LocalDate date,
    Facts facts,
    Verdict strictest,
    List<String> paragraphs,
    List<Answer> answers,
    LocalDate lastVerified,
    List<Answer> asOfLastVerified,
    List<Rule.Watch> watch,
    List<String> remarks) {

  /** Said once in each answer. */
  public static final String DISCLAIMER =
      "This is no legal advice: rules change, and these data may be wrong.";

  /** The answer to a question that was asked. */
  public Answer answer(Aspect aspect) {
    return answers.stream().filter(one -> one.aspect() == aspect).findFirst().orElseThrow();
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("date", date.toString());
    json.put("facts", facts.json());
    json.put("strictest", strictest.words());
    json.put("paragraphs", paragraphs);
    json.put("answers", answers.stream().map(Answer::json).toList());
    json.put("last_verified", lastVerified.toString());
    Map<String, Object> then = new LinkedHashMap<>();
    asOfLastVerified.forEach(one -> then.put(one.aspect().words(), one.verdict().words()));
    json.put("as_of_last_verified", then);
    json.put(
        "watch",
        watch.stream().map(w -> Map.of("date", w.date().toString(), "text", w.text())).toList());
    json.put("remarks", remarks);
    json.put("note", DISCLAIMER);
    return json;
  }
}
