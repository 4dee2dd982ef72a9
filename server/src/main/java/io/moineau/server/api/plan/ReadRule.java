package io.moineau.server.api.plan;

import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Rule;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.plan.PlanData;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code GET /moineau/plan/rules/{id}}. */
public final class ReadRule extends PlanEndpoint {
  /** For this server. */
  public ReadRule(Service service) {
    super(
        service,
        "GET",
        "rules/{id}",
        "One rule: what it says, its condition, what it was from which day on, on what evidence");
  }

  static Map<String, Object> of(Rule rule, PlanData data) {
    Map<String, Object> json = new LinkedHashMap<>(rule.json());
    json.put("question", rule.aspect().words());
    json.put("origin", data.told(rule.origin()));
    return json;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    Map<String, Object> json = of(data().rules().get(request.parameter("id")), data());
    json.put("note", Assessment.DISCLAIMER);
    reply.json(json);
  }
}
