package io.moineau.server.api.plan;

import static io.moineau.server.api.Field.supported;

import io.moineau.plan.audit.Fleet;
import io.moineau.plan.audit.FleetAudit;
import io.moineau.plan.report.AuditCharts;
import io.moineau.plan.rules.Rules;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonObject;
import java.io.IOException;
import java.time.Clock;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /moineau/plan/audit}. */
public final class AuditFleet extends PlanEndpoint {
  private static final int MOST_CHARACTERS = 200_000;
  private static final List<Field> FIELDS =
      List.of(
          supported("fleet", "string", "the text of a fleet's file (YAML); see docs/plan.md"),
          supported("date", "string", "the day of the audit, such as 2026-06-01; today"),
          supported("language", "string", "of the words in charts: en, fr"));

  /** For this server. */
  public AuditFleet(Service service) {
    super(
        service,
        "POST",
        "audit",
        "Shares of domestic chips at the sites of a fleet under each reading of the quotas, and the"
            + " least change that would pass; one at a time, others wait; no legal advice");
  }

  @Override
  public List<Field> fields() {
    return FIELDS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    JsonObject body = request.json();
    String text = body.get("fleet").asString();
    if (text.length() > MOST_CHARACTERS) {
      throw ApiException.badValue(
          "fleet",
          "this fleet is too long",
          text.length() + " characters",
          "up to " + MOST_CHARACTERS);
    }
    LocalDate date =
        body.find("date")
            .map(day -> Rules.date(day.asString()))
            .orElseGet(() -> LocalDate.now(Clock.systemUTC()));
    String language = body.find("language").map(value -> value.asWord("en", "fr")).orElse("en");
    Map<String, Object> answer =
        data().work().alone(request::onGone, () -> answer(text, date, language));
    reply.json(answer);
  }

  private Map<String, Object> answer(String text, LocalDate date, String language) {
    Fleet fleet = Fleet.parse(text, "fleet.yaml", data().catalogue());
    FleetAudit audit = FleetAudit.of(fleet, data().catalogue(), data().rules(), date);
    AuditCharts charts = new AuditCharts(language);
    Map<String, Object> answer = new LinkedHashMap<>(audit.json());
    answer.put("charts", Map.of("chips", charts.chips(fleet).svg()));
    answer.put("sites", audit.sites().stream().map(part -> part(part, charts)).toList());
    answer.put("groups", audit.groups().stream().map(part -> part(part, charts)).toList());
    return answer;
  }

  private static Map<String, Object> part(FleetAudit.Part part, AuditCharts charts) {
    Map<String, Object> json = new LinkedHashMap<>(part.json());
    json.put("chart", charts.shares(part.audit()).svg());
    return json;
  }
}
