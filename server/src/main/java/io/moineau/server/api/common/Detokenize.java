package io.moineau.server.api.common;

import static io.moineau.server.api.Field.supported;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /detokenize}; the text is told by llama.cpp's name and by vLLM's. */
public final class Detokenize implements Endpoint {
  private static final List<Field> FIELDS =
      List.of(
          supported("tokens", "array of integer", "tokens of this model"),
          supported("model", "string", "the served model's name; may be left out"));

  private final Service service;

  /** For this server. */
  public Detokenize(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/detokenize";
  }

  @Override
  public String summary() {
    return "The text of tokens";
  }

  @Override
  public ErrorForm errors() {
    return ErrorForm.OPENAI;
  }

  @Override
  public List<Field> fields() {
    return FIELDS;
  }

  @Override
  public void handle(Request request, Reply reply) throws IOException {
    JsonObject body = request.json();
    service.checkModel(body.string("model", ""));
    int[] tokens =
        body.get("tokens").asList().stream()
            .mapToInt(token -> token.asInt(0, Integer.MAX_VALUE))
            .toArray();
    String text = service.moineau().detokenize(tokens, false);
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("content", text);
    answer.put("prompt", text);
    reply.json(answer);
  }
}
