package io.moineau.server.api.plan;

import static io.moineau.server.api.Field.supported;

import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Timeline;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code GET /moineau/plan/rules/timeline?chip=}. */
public final class RulesTimeline extends PlanEndpoint {
  private static final List<Field> QUERY =
      CaseFields.with(
          true,
          supported(
              "language", "string", "of the words in the picture: en (taken if not given) or fr"));

  /** For this server. */
  public RulesTimeline(Service service) {
    super(
        service,
        "GET",
        "rules/timeline",
        "What the rules say of a case from the first day of the data to the last verified one, and"
            + " as a picture (SVG); to is CN where it is not given");
  }

  @Override
  public List<Field> query() {
    return QUERY;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    Facts facts = CaseFields.of(request, data());
    Timeline timeline = data().rules().timeline(facts);
    Map<String, Object> json = new LinkedHashMap<>(timeline.json());
    String title = facts.text("chip").orElse("") + " → " + facts.text("to").orElse("");
    json.put("svg", timeline.svg(title, request.query("language").orElse("en")));
    reply.json(json);
  }
}
