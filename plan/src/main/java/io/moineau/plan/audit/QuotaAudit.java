package io.moineau.plan.audit;

import io.moineau.plan.expr.Truth;
import io.moineau.plan.rules.Quota;
import io.moineau.plan.rules.Rule;
import io.moineau.plan.rules.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a rule's quota asks of a site under every reading, and the least change that passes all of
 * them at once.
 *
 * @param rule the rule
 * @param quota its quota
 * @param status what the rule is on the day
 * @param note on that status; may be empty
 * @param applies whether it holds for the site, as far as the site's facts say
 * @param because the conditions with the facts put in
 * @param passing readings that pass for certain
 * @param open readings that may pass: what is not known decides
 * @param failing readings that fail for certain
 * @param unreachable readings that no change can make pass, with the reason
 * @param change under which all the others pass at once
 */
public record QuotaAudit(
    Rule rule,
    Quota quota,
    Status status,
    String note,
    Truth applies,
    String because,
    List<Reading> passing,
    List<Reading> open,
    List<Reading> failing,
    Map<Reading, List<String>> unreachable,
    Change change) {

  /** How many readings there are. */
  public int size() {
    return passing.size() + open.size() + failing.size();
  }

  /** {@code 12 of 44 readings pass, 4 are open, 28 fail}. */
  public String count() {
    return passing.size()
        + " of "
        + size()
        + " readings pass, "
        + open.size()
        + (open.size() == 1 ? " is" : " are")
        + " open, "
        + failing.size()
        + (failing.size() == 1 ? " fails" : " fail");
  }

  /** Reasons why readings cannot be made to pass, each with how many readings it stops. */
  public Map<String, Integer> reasons() {
    Map<String, Integer> reasons = new LinkedHashMap<>();
    unreachable.values().forEach(why -> reasons.merge(String.join("; ", why), 1, Integer::sum));
    return reasons;
  }

  /** As plain values for JSON. */
  public Map<String, Object> json() {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("rule", rule.id());
    json.put("title", rule.title());
    json.put("text", rule.text());
    json.put("quota", quota.json());
    json.put("status", status.words());
    json.put("status_note", note);
    json.put("applies", applies.text());
    json.put("because", because);
    json.put("passing", passing.stream().map(Reading::json).toList());
    json.put("open", open.stream().map(Reading::json).toList());
    json.put("failing", failing.stream().map(Reading::json).toList());
    List<Map<String, Object>> stopped = new ArrayList<>();
    unreachable.forEach((reading, why) -> {
      Map<String, Object> one = reading.json();
      one.put("why", why);
      stopped.add(one);
    });
    json.put("unreachable", stopped);
    json.put("change", change.json());
    return json;
  }
}
