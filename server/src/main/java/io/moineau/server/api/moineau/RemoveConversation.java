package io.moineau.server.api.moineau;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import java.io.IOException;

/** {@code DELETE /moineau/conversations/{id}}. */
public final class RemoveConversation implements Endpoint {
  private final Service service;

  /** For this server. */
  public RemoveConversation(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "DELETE";
  }

  @Override
  public String path() {
    return "/moineau/conversations/{id}";
  }

  @Override
  public String summary() {
    return "Forgets a conversation of this key";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    String id = request.parameter("id");
    if (!Kept.in(service).remove(request.caller().keyId(), id)) {
      throw Kept.unknown(id);
    }
    reply.json(JsonMap.of("id", id, "removed", true));
  }
}
