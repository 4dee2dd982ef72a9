package io.moineau.server.api.plan;

import static io.moineau.server.api.Field.supported;

import io.moineau.plan.chips.Chip;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code GET /moineau/plan/compare?chip=A&chip=B}. */
public final class CompareChips extends PlanEndpoint {
  private static final int MOST = 16;
  private static final List<Field> QUERY =
      List.of(
          supported("chip", "array of string", "once for each chip, 2 to " + MOST + " of them"));

  /** For this server. */
  public CompareChips(Service service) {
    super(service, "GET", "compare", "Chips side by side, in the order in which they were named");
  }

  @Override
  public List<Field> query() {
    return QUERY;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    List<String> names = request.queries("chip");
    if (names.size() < 2 || names.size() > MOST) {
      throw ApiException.badValue(
          "chip", "a comparison needs chips", names.size() + " named", QUERY.getFirst().note());
    }
    Set<Chip> chips = new LinkedHashSet<>(); // one that was named twice is shown once
    for (String name : names) {
      chips.add(data().catalogue().get(name));
    }
    reply.json(ChipJson.of(List.copyOf(chips), data()));
  }
}
