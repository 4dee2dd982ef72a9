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
import io.moineau.server.api.common.Vectors;
import io.moineau.server.json.JsonMap;
import io.moineau.server.json.JsonObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** {@code POST /v1/embeddings}. */
public final class Embeddings implements Endpoint {
  private static final List<Field> FIELDS =
      List.of(
          supported("model", "string", "the served model's name; may be left out"),
          supported(
              "input",
              "string or array of string or array of integer or array of array of integer",
              "up to 2048 texts, or their tokens"),
          supported("encoding_format", "string", "float, or base64 of little-endian 32-bit floats"),
          supported(
              "dimensions",
              "integer",
              "the first so many numbers, scaled to length 1 again: of use only with a model that"
                  + " was trained for it"),
          ignored("user", "string", "nothing is kept"),
          refused("truncate_prompt_tokens", "integer", "no part of a text is ever left out"));

  private final Service service;

  /** For this server. */
  public Embeddings(Service service) {
    this.service = service;
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/v1/embeddings";
  }

  @Override
  public String summary() {
    return "Vectors of texts";
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
    boolean base64 =
        body.find("encoding_format")
            .map(format -> format.asWord("float", "base64").equals("base64"))
            .orElse(false);
    List<int[]> prompts = Vectors.prompts(service, body, "input", true);
    float[][] vectors = Vectors.embed(service, request, body, prompts);
    List<Object> data = new ArrayList<>();
    for (int i = 0; i < vectors.length; i++) {
      data.add(
          JsonMap.of(
              "object",
              "embedding",
              "index",
              i,
              "embedding",
              base64 ? base64(vectors[i]) : numbers(vectors[i])));
    }
    int tokens = Vectors.count(prompts);
    reply.json(
        JsonMap.of(
            "object",
            "list",
            "data",
            data,
            "model",
            service.modelId(),
            "usage",
            Map.of("prompt_tokens", tokens, "total_tokens", tokens)));
  }

  private static List<Object> numbers(float[] vector) {
    List<Object> numbers = new ArrayList<>(vector.length);
    for (float x : vector) {
      numbers.add(x);
    }
    return numbers;
  }

  private static String base64(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
