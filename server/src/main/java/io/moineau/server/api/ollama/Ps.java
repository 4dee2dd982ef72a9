package io.moineau.server.api.ollama;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** {@code GET /api/ps}. */
public final class Ps implements Endpoint {
  /** The model stays while the server runs; this API wants a date. */
  private static final String NEVER = "2318-01-01T00:00:00Z";

  private final Service service;

  /** For this server. */
  public Ps(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "GET";
  }

  @Override
  public String path() {
    return "/api/ps";
  }

  @Override
  public String summary() {
    return "The models that are loaded: the one that is served";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OLLAMA;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    Map<String, Object> entry = OllamaJson.entry(service);
    entry.remove("modified_at");
    entry.put("expires_at", NEVER);
    entry.put("size_vram", 0L);
    entry.put("context_length", service.moineau().card().contextLength());
    reply.json(JsonMap.of("models", List.of(entry)));
  }
}
