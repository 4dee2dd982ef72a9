package io.moineau.server.api.moineau;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.store.Conversation;
import io.moineau.text.Json;
import java.io.IOException;
import java.util.Map;

/** {@code GET /moineau/conversations/{id}}. */
public final class ReadConversation implements Endpoint {
  private final Service service;

  /** For this server. */
  public ReadConversation(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/moineau/conversations/{id}";
  }

  @Override
  public String summary() {
    return "One conversation of this key";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    String id = request.parameter("id");
    Conversation found =
        Kept.in(service).find(request.caller().keyId(), id).orElseThrow(() -> Kept.unknown(id));
    Map<String, Object> body = Kept.head(found);
    body.put("conversation", Json.parse(found.json()));
    reply.json(body);
  }
}
