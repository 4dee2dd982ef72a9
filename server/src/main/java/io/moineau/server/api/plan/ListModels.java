package io.moineau.server.api.plan;

import io.moineau.plan.capacity.ModelShape;
import io.moineau.plan.capacity.Models;
import io.moineau.plan.capacity.WeightType;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import java.io.IOException;
import java.util.Map;

/** {@code GET /moineau/plan/models}. */
public final class ListModels extends PlanEndpoint {
  /** For this server. */
  public ListModels(Service service) {
    super(
        service,
        "GET",
        "models",
        "The models whose measures are known to the planner, and the types of weights");
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    reply.json(
        JsonMap.of(
            "models",
            Models.standard().stream().map(ListModels::of).toList(),
            "weight_types",
            WeightType.all().stream().map(WeightType::name).toList()));
  }

  static Map<String, Object> of(ModelShape model) {
    return JsonMap.of(
        "name",
        model.name(),
        "aliases",
        model.aliases(),
        "parameters",
        model.parameters(),
        "active_parameters",
        model.activeParameters());
  }
}
