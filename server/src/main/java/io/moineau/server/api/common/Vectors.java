package io.moineau.server.api.common;

import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Vectors of texts, for all APIs. */
public final class Vectors {
  private static final int MOST_TEXTS = 2048; // as at OpenAI's

  private Vectors() {}

  /**
   * The tokens of the texts of a field: a text, an array of them, or with {@code tokens} an array
   * of token numbers, or of such arrays.
   */
  public static List<int[]> prompts(Service service, JsonObject body, String name, boolean tokens) {
    JsonValue input = body.get(name);
    List<int[]> prompts = new ArrayList<>();
    if (input.isString()) {
      prompts.add(text(service, input));
      return prompts;
    }
    if (!input.isList()) {
      throw input.wrongType(tokens ? "a text, token numbers, or an array of these" : "texts");
    }
    List<JsonValue> items = input.asList();
    boolean numbers = tokens && !items.isEmpty() && items.getFirst().isInteger();
    if (items.isEmpty() || (items.size() > MOST_TEXTS && !numbers)) {
      throw input.outOfRange("an array of " + items.size(), "1 to " + MOST_TEXTS + " texts");
    }
    if (numbers) {
      prompts.add(numbers(service, items));
      return prompts;
    }
    for (JsonValue item : items) {
      prompts.add(tokens && item.isList() ? numbers(service, item.asList()) : text(service, item));
    }
    return prompts;
  }

  private static int[] text(Service service, JsonValue text) {
    if (text.asString().isEmpty()) {
      throw text.outOfRange("an empty text", "texts of one character or more");
    }
    return service.moineau().tokenizePrompt(text.asString(), true, false);
  }

  private static int[] numbers(Service service, List<JsonValue> items) {
    int last = service.moineau().card().vocabularySize() - 1;
    return items.stream().mapToInt(item -> item.asInt(0, last)).toArray();
  }

  /** How many tokens some prompts have. */
  public static int count(List<int[]> prompts) {
    return prompts.stream().mapToInt(prompt -> prompt.length).sum();
  }

  /**
   * Vectors of length 1, cut to the {@code dimensions} of a body where it has them; given up when
   * the client goes away.
   */
  public static float[][] embed(
      Service service, Request request, JsonObject body, List<int[]> prompts) {
    Optional<JsonValue> dimensions = body.find("dimensions");
    dimensions.ifPresent(value -> value.asInt(1, Integer.MAX_VALUE));
    float[][] vectors =
        service.compute(
            request,
            count(prompts),
            () -> service.moineau().embed(prompts, service.moineau().pooling(), request.share()));
    if (dimensions.isPresent()) {
      for (int i = 0; i < vectors.length; i++) {
        vectors[i] = shortened(vectors[i], dimensions.get().asInt(1, vectors[i].length));
      }
    }
    return vectors;
  }

  /** The beginning of a vector, of length 1 again. */
  static float[] shortened(float[] vector, int dimensions) {
    float[] beginning = Arrays.copyOf(vector, dimensions);
    double square = 0;
    for (float x : beginning) {
      square += (double) x * x;
    }
    double scale = square > 0 ? 1 / Math.sqrt(square) : 0;
    for (int i = 0; i < dimensions; i++) {
      beginning[i] = (float) (beginning[i] * scale);
    }
    return beginning;
  }

  /**
   * How near documents are to a query; given up when the client goes away.
   *
   * @param tokens of all of them
   */
  public static float[] rerank(
      Service service, Request request, int tokens, String query, List<String> documents) {
    return service.compute(
        request, tokens, () -> service.moineau().rerank(query, documents, request.share()));
  }
}
