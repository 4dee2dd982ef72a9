package io.moineau.server.api.plan;

import static io.moineau.server.api.Field.supported;

import io.moineau.plan.chips.Chip;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Rules;
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
import java.util.Optional;

/** {@code POST /moineau/plan/rules/check}. */
public final class CheckRules extends PlanEndpoint {
  private static final List<Field> FIELDS =
      CaseFields.with(
          false, supported("date", "string", "the day of delivery, such as 2025-08-01; today"));

  /** For this server. */
  public CheckRules(Service service) {
    super(
        service,
        "POST",
        "rules/check",
        "What the rules say of a case on a day: an answer to each question, with every rule that"
            + " was weighed; no legal advice");
  }

  @Override
  public List<Field> fields() {
    return FIELDS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    JsonObject body = request.json();
    Optional<String> day = body.find("date").map(value -> value.asString());
    LocalDate date = day.map(Rules::date).orElseGet(() -> LocalDate.now(Clock.systemUTC()));
    Facts facts = CaseFields.of(body, data());
    Assessment assessment = data().rules().check(facts, date);
    Map<String, Object> json = new LinkedHashMap<>(assessment.json());
    facts
        .text("chip")
        .flatMap(name -> data().catalogue().find(name))
        .filter(chip -> chip.launchedAfter(date))
        .map(Chip::launch)
        .ifPresent(launch -> json.put("launched_later", launch));
    reply.json(json);
  }
}
