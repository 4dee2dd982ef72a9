package io.moineau.server.api.openai;

import io.moineau.ModelCard;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import java.io.IOException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code /v1/models}: the one model. */
public final class Models {
  private Models() {}

  private static Map<String, Object> entry(Service service) {
    ModelCard card = service.moineau().card();
    Map<String, Object> entry = new LinkedHashMap<>();
    entry.put("id", service.modelId());
    entry.put("object", "model");
    entry.put("created", service.startedAt());
    entry.put("owned_by", "moineau");
    // As Anthropic's clients read it; no name means two things.
    entry.put("type", "model");
    entry.put("display_name", card.name());
    entry.put("created_at", Instant.ofEpochSecond(service.startedAt()).toString());
    entry.put("max_model_len", card.contextLength()); // as vLLM tells it
    Map<String, Object> meta = new LinkedHashMap<>(); // as llama.cpp tells it
    meta.put("n_ctx_train", card.trainedContextLength());
    meta.put("n_vocab", card.vocabularySize());
    meta.put("n_params", card.parameters());
    meta.put("size", card.fileBytes());
    entry.put("meta", meta);
    return entry;
  }

  /** {@code GET /v1/models}. */
  public static final class All implements Endpoint {
    private final Service service;

    /** For this server. */
    public All(Service service) {
      this.service = service;
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String path() {
      return "/v1/models";
    }

    @Override
    public String summary() {
      return "The models that are served, in OpenAI's form and Anthropic's at once";
    }

    @Override
    public ErrorForm errors() {
      return ErrorForm.OPENAI;
    }

    @Override
    public void handle(Request request, Reply reply) throws IOException {
      Map<String, Object> body = new LinkedHashMap<>();
      body.put("object", "list");
      body.put("data", List.of(entry(service)));
      body.put("has_more", false); // of Anthropic's form, as are the two that follow
      body.put("first_id", service.modelId());
      body.put("last_id", service.modelId());
      reply.json(body);
    }
  }

  /** {@code GET /v1/models/{id}}. */
  public static final class One implements Endpoint {
    private final Service service;

    /** For this server. */
    public One(Service service) {
      this.service = service;
    }

    @Override
    public String method() {
      return "GET";
    }

    @Override
    public String path() {
      return "/v1/models/{id}";
    }

    @Override
    public String summary() {
      return "One model";
    }

    @Override
    public ErrorForm errors() {
      return ErrorForm.OPENAI;
    }

    @Override
    public void handle(Request request, Reply reply) throws IOException {
      service.checkModel(request.parameter("id"));
      reply.json(entry(service));
    }
  }
}
