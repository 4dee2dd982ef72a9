package io.moineau.plan.rules;

import io.moineau.plan.expr.Truth;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A rule that was weighed on a day.
 *
 * @param rule the rule
 * @param status what it is on that day
 * @param note on that status; may be empty
 * @param met whether its condition holds, were it in force
 * @param condition its condition with the numbers put in; empty for a rule without one
 * @param counts whether it counted: its status lets it, and its condition holds
 */
public record Weighed(
    Rule rule, Status status, String note, Truth met, String condition, boolean counts) {
  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("id", rule.id());
    json.put("title", rule.title());
    json.put("effect", rule.effect().name().toLowerCase(java.util.Locale.ROOT));
    json.put("value", rule.value());
    json.put("status", status.words());
    json.put("status_note", note);
    json.put("when", rule.when().map(Object::toString).orElse(""));
    json.put("condition", condition);
    json.put("met", met.text());
    json.put("counts", counts);
    json.put("citation", rule.citation());
    json.put("evidence", rule.evidence());
    json.put("verified", rule.verified().toString());
    json.put("sources", rule.sources());
    return json;
  }
}
