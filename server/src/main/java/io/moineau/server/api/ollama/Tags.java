package io.moineau.server.api.ollama;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import java.io.IOException;
import java.util.List;

/** {@code GET /api/tags}. */
public final class Tags implements Endpoint {
  private final Service service;

  /** For this server. */
  public Tags(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/api/tags";
  }

  @Override
  public String summary() {
    return "The models that are served";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OLLAMA;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    reply.json(JsonMap.of("models", List.of(OllamaJson.entry(service))));
  }
}
