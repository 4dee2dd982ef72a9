package io.moineau.server.api.plan;

import static io.moineau.server.api.Field.supported;

import io.moineau.plan.rules.Answer;
import io.moineau.plan.rules.Assessment;
import io.moineau.plan.rules.Facts;
import io.moineau.plan.rules.Rules;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** {@code GET /moineau/plan/rules/diff?from=&to=&chip=}. */
public final class DiffRules extends PlanEndpoint {
  private static final List<Field> QUERY =
      List.of(
          supported("from", "string", "the first day"),
          supported("to", "string", "the second day, after the first"),
          supported("chip", "string", "also compare the answers on this chip"),
          supported("destination", "string", "country that it goes to; CN"),
          supported("end_user_hq", "string", "seat of the end user; the destination"));

  /** For this server. */
  public DiffRules(Service service) {
    super(
        service,
        "GET",
        "rules/diff",
        "Rules whose status differs between two days, and the answers on a chip that do");
  }

  @Override
  public List<Field> query() {
    return QUERY;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    LocalDate first = day(request, "from");
    LocalDate second = day(request, "to");
    if (!first.isBefore(second)) {
      throw ApiException.badValue(
          "to",
          "the second day is not after the first",
          "from=" + first + ", to=" + second,
          "two days in their order");
    }
    Rules rules = data().rules();
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("from", first.toString());
    json.put("to", second.toString());
    json.put("rules", rules.diff(first, second).stream().map(Rules.Change::json).toList());
    String chip = request.query("chip").orElse("").strip();
    if (!chip.isEmpty()) {
      String country = country(request, "destination", "CN");
      Facts facts =
          Facts.of(data().catalogue().get(chip))
              .with("to", country)
              .with("end_user_hq", country(request, "end_user_hq", country));
      json.put("facts", facts.json());
      json.put("answers", answers(rules.check(facts, first), rules.check(facts, second)));
    }
    json.put("note", Assessment.DISCLAIMER);
    reply.json(json);
  }

  private static List<Object> answers(Assessment before, Assessment after) {
    List<Object> answers = new ArrayList<>();
    for (Answer answer : before.answers()) {
      for (Answer then : after.answers()) {
        if (then.aspect() == answer.aspect()) {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("question", answer.aspect().words());
          one.put("before", answer.verdict().words());
          one.put("after", then.verdict().words());
          answers.add(one);
        }
      }
    }
    return answers;
  }

  private static String country(Request request, String name, String otherwise) {
    String given = request.query(name).orElse("").strip();
    return given.isEmpty() ? otherwise : given.toUpperCase(Locale.ROOT);
  }

  private static LocalDate day(Request request, String name) {
    return request
        .query(name)
        .map(Rules::date)
        .orElseThrow(() ->
            new ApiException(
                400,
                "missing_field",
                name,
                0,
                "a day is missing",
                name,
                "a day, such as 2025-08-01",
                "add it"));
  }
}
