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

/** {@code POST /api/embed}. */
public final class Embed implements Endpoint {
  private final Service service;

  /** For this server. */
  public Embed(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/api/embed";
  }

  @Override
  public String summary() {
    return "Vectors of texts";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OLLAMA;
  }

  @Override
  public List<Field> fields() {
    return OllamaFields.EMBED;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    long start = System.nanoTime();
    JsonObject body = request.json();
    service.checkModel(body.get("model").asString());
    List<int[]> prompts = Vectors.prompts(service, body, "input", false);
    float[][] vectors = Vectors.embed(service, request, body, prompts);
    reply.json(
        JsonMap.of(
            "model", OllamaJson.name(service),
            "embeddings", OllamaJson.numbers(vectors),
            "total_duration", System.nanoTime() - start,
            "load_duration", 0L,
            "prompt_eval_count", Vectors.count(prompts)));
  }
}
