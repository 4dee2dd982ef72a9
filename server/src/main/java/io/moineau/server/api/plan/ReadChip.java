package io.moineau.server.api.plan;

import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;

/** {@code GET /moineau/plan/chips/{name}}. */
public final class ReadChip extends PlanEndpoint {
  /** For this server. */
  public ReadChip(Service service) {
    super(
        service,
        "GET",
        "chips/{name}",
        "One chip, by its name, an alias or how one begins; 404 names the nearest ones");
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    reply.json(ChipJson.of(data().catalogue().get(request.parameter("name")), data()));
  }
}
