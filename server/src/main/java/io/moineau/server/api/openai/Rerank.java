package io.moineau.server.api.openai;

import static io.moineau.server.api.Field.ignored;
import static io.moineau.server.api.Field.refused;
import static io.moineau.server.api.Field.supported;

import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.Ids;
import io.moineau.server.api.common.Vectors;
import io.moineau.server.json.JsonMap;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** {@code POST /v1/rerank}, as Jina, Cohere and vLLM have it. */
public final class Rerank implements Endpoint {
  private static final int MOST_DOCUMENTS = 2048;

  private static final List<Field> FIELDS =
      List.of(
          supported("model", "string", "the served model's name; may be left out"),
          supported("query", "string", "what is looked for"),
          supported(
              "documents", "array of string or array of object", "up to 2048 texts, or {text}"),
          supported("top_n", "integer", "how many are told, the nearest first; all unless given"),
          supported("return_documents", "boolean", "whether the texts are told too; true"),
          ignored("user", "string", "nothing is kept"),
          refused("rank_fields", "array of string", "documents are texts"),
          refused("max_chunks_per_doc", "integer", "no part of a text is ever left out"),
          refused("max_tokens_per_doc", "integer", "no part of a text is ever left out"),
          refused("truncate_prompt_tokens", "integer", "no part of a text is ever left out"));

  private final Service service;

  /** For this server. */
  public Rerank(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/v1/rerank";
  }

  @Override
  public String summary() {
    return "Documents in the order of how near their vectors are to that of a query";
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
    JsonValue query = body.get("query");
    if (query.asString().isEmpty()) {
      throw query.outOfRange("an empty text", "a text of one character or more");
    }
    List<String> documents = documents(body.get("documents"));
    int most = body.integer("top_n", 1, Integer.MAX_VALUE, documents.size());
    boolean texts = body.bool("return_documents", true);
    int tokens = tokens(query.asString());
    for (String document : documents) {
      tokens += tokens(document);
    }
    float[] scores = Vectors.rerank(service, request, tokens, query.asString(), documents);
    List<Object> results = new ArrayList<>();
    IntStream.range(0, scores.length)
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(i -> -scores[i]))
        .limit(most)
        .forEach(i -> results.add(result(i, scores[i], texts, documents.get(i))));
    reply.json(
        JsonMap.of(
            "id",
            Ids.of("rerank-"),
            "object",
            "list",
            "model",
            service.modelId(),
            "results",
            results,
            "usage",
            Map.of("prompt_tokens", tokens, "total_tokens", tokens)));
  }

  private static Map<String, Object> result(int index, float score, boolean text, String document) {
    Map<String, Object> result = JsonMap.of("index", index, "relevance_score", score);
    if (text) {
      result.put("document", Map.of("text", document));
    }
    return result;
  }

  private static List<String> documents(JsonValue given) {
    List<String> documents = new ArrayList<>();
    for (JsonValue value : given.asList()) {
      JsonValue text = value.isObject() ? value.asObject().get("text") : value;
      if (text.asString().isEmpty()) {
        throw text.outOfRange("an empty text", "texts of one character or more");
      }
      documents.add(text.asString());
    }
    if (documents.isEmpty() || documents.size() > MOST_DOCUMENTS) {
      throw given.outOfRange(
          "an array of " + documents.size(), "1 to " + MOST_DOCUMENTS + " documents");
    }
    return documents;
  }

  private int tokens(String text) {
    return service.moineau().tokenize(text, true, false).length;
  }
}
