package io.moineau.server.api.moineau;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import java.io.IOException;

/** {@code GET /moineau/conversations}. */
public final class ListConversations implements Endpoint {
  private final Service service;

  /** For this server. */
  public ListConversations(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/moineau/conversations";
  }

  @Override
  public String summary() {
    return "The conversations that are kept for this key, the newest first; only with"
        + " --keep-conversations";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    reply.json(
        JsonMap.of(
            "conversations",
            Kept.in(service).list(request.caller().keyId()).stream().map(Kept::head).toList()));
  }
}
