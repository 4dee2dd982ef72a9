package io.moineau.server.api.ollama;

import io.moineau.ResponseFormat;
import io.moineau.Sampling;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Request;
import io.moineau.server.api.common.SamplingFields;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the options of a body, and the fields that chat and generate share. */
final class OllamaOptions {
  private OllamaOptions() {}

  /**
   * How tokens are chosen, and how many.
   *
   * @param contextLength of the server
   */
  static Sampling sampling(Request request, JsonObject body, int contextLength) {
    Map<String, Object> given = body.object("options").map(JsonObject::values).orElse(Map.of());
    Map<String, Object> values = new LinkedHashMap<>(given);
    if (values.get("seed") instanceof Long seed && seed < 0) {
      values.remove("seed");
    }
    JsonObject options = new JsonValue(values, "options").asObject();
    request.check(options, OllamaFields.OPTIONS);
    options
        .find("num_ctx")
        .ifPresent(context -> {
          long wanted = context.asLong(0, Integer.MAX_VALUE);
          if (wanted > contextLength) {
            throw context.outOfRange(
                Long.toString(wanted),
                "up to "
                    + contextLength
                    + ", the context that the server was started with; start it with a longer"
                    + " one");
          }
        });
    int most = options.integer("num_predict", -2, Integer.MAX_VALUE, -1);
    return SamplingFields.read(options)
        .withMaxTokens(Math.max(-1, most))
        .withLogprobs(logprobs(body));
  }

  private static int logprobs(JsonObject body) {
    boolean wanted = body.bool("logprobs", false);
    int top = body.integer("top_logprobs", 0, 20, 0);
    if (top > 0 && !wanted) {
      throw ApiException.badValue(
          "top_logprobs", "top_logprobs needs logprobs", "logprobs is false", "logprobs: true");
    }
    return wanted ? top : -1;
  }

  /** What an answer must look like. */
  static ResponseFormat format(JsonObject body) {
    Optional<JsonValue> format = body.find("format");
    if (format.isEmpty()) {
      return ResponseFormat.TEXT;
    }
    JsonValue value = format.get();
    if (value.isObject()) {
      return new ResponseFormat.JsonSchema("answer", value.asObject().values());
    }
    if (!value.isString()) {
      throw value.wrongType("\"json\", or a JSON Schema");
    }
    return value.asWord("", "json").isEmpty() ? ResponseFormat.TEXT : ResponseFormat.JSON_OBJECT;
  }

  /** Whether the model is to think, for its chat template. */
  static Map<String, Object> thinking(JsonObject body) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    body.find("think")
        .ifPresent(think -> {
          boolean on = think.isString() || think.asBool();
          arguments.put("enable_thinking", on);
          arguments.put("thinking", on); // DeepSeek V3.1's name
          if (think.isString()) {
            arguments.put("reasoning_effort", think.asWord("low", "medium", "high", "max"));
          }
        });
    return arguments;
  }
}
