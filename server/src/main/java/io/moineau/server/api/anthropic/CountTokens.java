package io.moineau.server.api.anthropic;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.FieldTable;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonMap;
import io.moineau.server.json.JsonObject;
import java.io.IOException;
import java.util.List;

/** {@code POST /v1/messages/count_tokens}. */
public final class CountTokens implements Endpoint {
  private final Service service;

  /** For this server. */
  public CountTokens(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/v1/messages/count_tokens";
  }

  @Override
  public String summary() {
    return "How many tokens a conversation takes, its template and tools included";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.ANTHROPIC;
  }

  @Override
  public List<Field> fields() {
    return MessagesFields.COUNT;
  }

  @Override
  public List<FieldTable> parts() {
    return MessagesFields.PARTS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    reply.header("request-id", request.id());
    JsonObject body = request.json();
    service.checkModel(body.get("model").asString());
    int tokens = service.moineau().promptTokens(MessagesRequest.count(request, body)).length;
    reply.json(JsonMap.of("input_tokens", tokens));
  }
}
