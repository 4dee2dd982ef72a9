package io.moineau.server.api.plan;

import static io.moineau.server.api.Field.supported;

import io.moineau.plan.capacity.Calibration;
import io.moineau.plan.capacity.ChosenPlan;
import io.moineau.plan.capacity.Device;
import io.moineau.plan.capacity.Estimate;
import io.moineau.plan.capacity.Limits;
import io.moineau.plan.capacity.Measurements;
import io.moineau.plan.capacity.ModelShape;
import io.moineau.plan.capacity.Models;
import io.moineau.plan.capacity.Plan;
import io.moineau.plan.capacity.Planner;
import io.moineau.plan.capacity.Question;
import io.moineau.plan.capacity.Software;
import io.moineau.plan.capacity.WeightType;
import io.moineau.plan.capacity.Workload;
import io.moineau.plan.report.PlanCharts;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** {@code POST /moineau/plan/estimate}. A model is a preset: no file of the host is looked at. */
public final class EstimatePlan extends PlanEndpoint {
  private static final int MOST = 1_000_000_000;
  private static final int MANY_CURVE = 200;
  private static final int MANY_NEAR = 6;
  private static final List<Field> FIELDS =
      List.of(
          supported("model", "string", "a preset; GET /moineau/plan/models lists them"),
          supported("chip", "string", "a name of the catalogue"),
          supported("count", "integer", "how many chips; 1"),
          supported("input", "integer", "tokens of a prompt; 1024"),
          supported("output", "integer", "tokens of an answer; 1024"),
          supported("cached", "number", "share of the prompt that a prefix cache has; 0"),
          supported("ttft", "number", "most seconds until the first token; no limit"),
          supported("tpot", "number", "most seconds for each next token; no limit"),
          supported(
              "nearly_all",
              "boolean",
              "whether 99 of 100 requests keep the limits and not the mean; false"),
          supported("weights", "string", "their type: bf16, fp8, int4, q4_k_m...; what fits best"),
          supported("kv", "string", "type of keys and values"),
          supported("mtp", "number", "tokens that a step yields with drafts; 1"),
          supported("software", "string", "general (taken if not given), tuned or eager"),
          supported("usd_per_chip_hour", "number", "price of a chip"),
          supported("usd_per_kwh", "number", "price of energy, where that of the chip is without"),
          supported("layout", "string", "only this one, such as TP8 x DP2, EP16"),
          supported("batch", "number", "only so many requests in flight in all"),
          supported("language", "string", "of the charts: en (taken if not given) or fr"));

  /** For this server. */
  public EstimatePlan(Service service) {
    super(
        service,
        "POST",
        "estimate",
        "Whether a model fits on chips, how fast it runs there and what bounds it, with charts"
            + " (SVG) and the nearest published measurements; one at a time, others wait");
  }

  @Override
  public List<Field> fields() {
    return FIELDS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    JsonObject body = request.json();
    Map<String, Object> answer = data().work().alone(request::onGone, () -> answer(body));
    reply.json(answer);
  }

  private Map<String, Object> answer(JsonObject body) {
    ModelShape model = Models.get(body.get("model").asString());
    Device device = Device.of(data().catalogue().get(body.get("chip").asString()));
    Question question = question(body, model, device);
    Planner planner = planner(body);
    Plan plan =
        ChosenPlan.of(
            planner,
            question,
            body.find("layout").map(value -> value.asString()),
            number(body, "batch"));
    Map<String, Object> json = new LinkedHashMap<>(plan.json());
    json.put("curve", plan.curve().stream().limit(MANY_CURVE).map(Estimate::json).toList());
    json.put("model", ListModels.of(model));
    json.put("software", Software.Kind.GENERAL.name().toLowerCase(Locale.ROOT));
    body.find("software").ifPresent(kind -> json.put("software", kind.asString()));
    json.put("charts", charts(plan, body.string("language", "en")));
    json.put(
        "nearest",
        Measurements.standard().nearest(question, data().catalogue(), planner, MANY_NEAR).stream()
            .map(near -> near.json())
            .toList());
    json.put("calibration", planner.calibration().json());
    return json;
  }

  private static Planner planner(JsonObject body) {
    String kind =
        body.find("software").map(v -> v.asWord("general", "tuned", "eager")).orElse("general");
    return kind.equals("general")
        ? Planner.standard()
        : new Planner(
            Calibration.standard(),
            new Software(
                Software.Kind.valueOf(kind.toUpperCase(Locale.ROOT)), Software.USUAL.youth()));
  }

  private static Question question(JsonObject body, ModelShape model, Device device) {
    Limits limits =
        new Limits(number(body, "ttft"), number(body, "tpot"), body.bool("nearly_all", false));
    Question.Builder builder =
        Question.of(model, device, body.integer("count", 1, 1_000_000, 1))
            .workload(
                new Workload(
                    body.integer("input", 1, MOST, 1024),
                    body.integer("output", 1, MOST, 1024),
                    body.number("cached", 0, 1, 0)))
            .limits(limits)
            .acceptedDrafts(body.number("mtp", 1, 16, 1))
            .usdPerChipHour(number(body, "usd_per_chip_hour"))
            .usdPerKwh(number(body, "usd_per_kwh"));
    body.find("weights").ifPresent(type -> builder.weights(WeightType.of(type.asString())));
    body.find("kv").ifPresent(type -> builder.kv(WeightType.of(type.asString())));
    return builder.build();
  }

  private static OptionalDouble number(JsonObject body, String name) {
    return body.has(name)
        ? OptionalDouble.of(body.get(name).asNumber(0, MOST))
        : OptionalDouble.empty();
  }

  private static Map<String, Object> charts(Plan plan, String language) {
    PlanCharts charts = new PlanCharts(language);
    Map<String, Object> svg = new LinkedHashMap<>();
    if (plan.curve().size() > 1) {
      svg.put("curve", charts.curve(plan).svg());
    }
    Optional<Estimate> best = plan.best();
    if (best.isPresent()) {
      svg.put("roofline", charts.roofline(plan.question(), best.get()).svg());
      svg.put("operators", charts.operators(best.get()).svg());
      svg.put("memory", charts.memory(best.get()).svg());
    }
    return svg;
  }
}
