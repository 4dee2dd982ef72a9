package io.moineau.server.api.plan;

import static io.moineau.server.api.Field.supported;

import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Rule;
import io.moineau.plan.rules.Rules;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;
import java.time.Clock;
import java.time.LocalDate;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code GET /moineau/plan/rules}. */
public final class ListRules extends PlanEndpoint {
  private static final List<Field> QUERY =
      List.of(supported("date", "string", "the day for which the status of each is told; today"));

  /** For this server. */
  public ListRules(Service service) {
    super(
        service,
        "GET",
        "rules",
        "All rules with their status on a day, the last verified day, and the words that a case"
            + " may be told in");
  }

  @Override
  public List<Field> query() {
    return QUERY;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    LocalDate date =
        request.query("date").map(Rules::date).orElseGet(() -> LocalDate.now(Clock.systemUTC()));
    Rules rules = data().rules();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("version", data().told(rules.version()));
    json.put("begins", rules.begins().toString());
    json.put("last_verified", rules.check(Facts.none(), rules.begins()).lastVerified().toString());
    json.put("date", date.toString());
    json.put("words", Facts.words());
    json.put("countries", List.of(Locale.getISOCountries()));
    json.put("rules", rules.rules().stream().map(rule -> of(rule, date)).toList());
    json.put("note", Assessment.DISCLAIMER);
    reply.json(json);
  }

  private Map<String, Object> of(Rule rule, LocalDate date) {
    Map<String, Object> json = ReadRule.of(rule, data());
    json.put("status", rule.statusOn(date).words());
    return json;
  }
}
