package io.moineau.server.api.ollama;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.Vectors;
import io.moineau.server.json.JsonMap;
import io.moineau.server.json.JsonObject;
import java.io.IOException;
import java.util.List;

/** {@code POST /api/embeddings}. */
public final class OldEmbeddings implements Endpoint {
  private final Service service;

  /** For this server. */
  public OldEmbeddings(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/api/embeddings";
  }

  @Override
  public String summary() {
    return "The vector of a text, as older clients ask for it";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OLLAMA;
  }

  @Override
  public List<Field> fields() {
    return OllamaFields.EMBEDDINGS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    JsonObject body = request.json();
    service.checkModel(body.get("model").asString());
    List<int[]> prompts = Vectors.prompts(service, body, "prompt", false);
    float[][] vectors = Vectors.embed(service, request, body, prompts);
    reply.json(JsonMap.of("embedding", OllamaJson.numbers(vectors).getFirst()));
  }
}
