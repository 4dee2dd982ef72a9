package io.moineau.plan.rules;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The answer to one question.
 *
 * @param aspect the question
 * @param verdict what its rules come to
 * @param reasons why, a line each: review policy, exception, what is missing
 * @param conditions of an exception or a review that a person must see to
 * @param rules those that speak of this case, in the order of the file
 */
public record Answer(
    Aspect aspect,
    Verdict verdict,
    List<String> reasons,
    List<String> conditions,
    List<Weighed> rules) {
  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("question", aspect.words());
    json.put("verdict", verdict.words());
    json.put("reasons", reasons);
    json.put("conditions", conditions);
    json.put("rules", rules.stream().map(Weighed::json).toList());
    return json;
  }
}
