package io.moineau.server.api.openai;

import static io.moineau.server.api.Field.ignored;
import static io.moineau.server.api.Field.refused;
import static io.moineau.server.api.Field.supported;

import io.moineau.Sampling;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Endpoint;
import io.moineau.server.api.ErrorForm;
import io.moineau.server.api.Field;
import io.moineau.server.api.Reply;
import io.moineau.server.api.Request;
import io.moineau.server.api.Service;
import io.moineau.server.api.common.ResponseFormats;
import io.moineau.server.api.common.SamplingFields;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code POST /v1/completions}: continues texts or tokens, with no chat template. */
public final class Completions implements Endpoint {
  /** What OpenAI's API takes where nothing is said. */
  private static final int DEFAULT_TOKENS = 16;

  private static final int MOST_CHOICES = 128;

  private static final List<Field> FIELDS = fieldTable();

  private final Service service;

  /** For this server. */
  public Completions(Service service) {
    this.service = service;
  }

  private static List<Field> fieldTable() {
    List<Field> fields = new ArrayList<>();
    fields.add(supported("model", "string", "the served model's name; may be left out"));
    fields.add(
        supported(
            "prompt",
            "string or array of string or array of integer or array of array of integer",
            "one or several, as text or as tokens"));
    fields.add(supported("max_tokens", "integer", "16 unless given; -1 for all that fit"));
    fields.add(supported("n", "integer", "answers to each prompt"));
    fields.add(supported("best_of", "integer", "as large as n only: no answer is thrown away"));
    fields.add(supported("echo", "boolean", "the prompt before the answer; not with logprobs"));
    fields.add(supported("logprobs", "integer", "of the token and the 0 to 20 most likely"));
    fields.add(supported("stream", "boolean", "server-sent events"));
    fields.add(supported("stream_options", "object", StreamUsage.FIELDS));
    fields.addAll(SamplingFields.openAi());
    fields.add(ignored("user", "string", "nothing is kept"));
    fields.add(refused("suffix", "string", "text is continued at its end only", ""));
    fields.addAll(SamplingFields.extra());
    fields.add(supported("response_format", "object", "as in a chat; beyond OpenAI's API"));
    fields.addAll(ResponseFormats.extra());
    fields.add(ignored("cache_prompt", "boolean", "prefixes are always found"));
    return List.copyOf(fields);
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/v1/completions";
  }

  @Override
  public String summary() {
    return "The continuation of a text";
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
    List<int[]> prompts = prompts(body);
    int choices = body.integer("n", 1, MOST_CHOICES, 1);
    int bestOf = body.integer("best_of", 1, MOST_CHOICES, choices);
    if (bestOf != choices) {
      throw ApiException.unsupportedValue(
          "best_of", "best_of is " + bestOf + ", n is " + choices, "the same as n");
    }
    if ((long) prompts.size() * choices > MOST_CHOICES) {
      throw ApiException.badValue(
          "prompt",
          "too many answers at once",
          prompts.size() + " prompts, n is " + choices,
          "at most " + MOST_CHOICES + " in all");
    }
    int logprobs = body.integer("logprobs", 0, 20, -1);
    boolean echo = body.bool("echo", false);
    if (echo && logprobs >= 0) {
      throw ApiException.unsupportedValue(
          "echo", "echo with logprobs: those of a prompt are not known", "one of them");
    }
    Sampling sampling =
        SamplingFields.read(body)
            .withMaxTokens(body.integer("max_tokens", -1, Integer.MAX_VALUE, DEFAULT_TOKENS))
            .withLogprobs(logprobs);
    StreamUsage usage = StreamUsage.read(body);
    try (CompletionChoices all =
        new CompletionChoices(
            service, request, prompts, sampling, ResponseFormats.read(body), choices, echo)) {
      if (body.bool("stream", false)) {
        all.stream(reply, usage);
      } else {
        reply.json(all.whole());
      }
    }
  }

  private List<int[]> prompts(JsonObject body) {
    JsonValue prompt = body.get("prompt");
    if (prompt.isString()) {
      return List.of(service.moineau().tokenizePrompt(prompt.asString(), true, true));
    }
    List<JsonValue> items = prompt.asList();
    if (items.isEmpty()) {
      throw prompt.outOfRange("empty", "a text, texts, tokens, or several of these");
    }
    if (items.getFirst().isInteger()) {
      return List.of(tokens(items));
    }
    List<int[]> prompts = new ArrayList<>();
    for (JsonValue item : items) {
      prompts.add(
          item.isString()
              ? service.moineau().tokenizePrompt(item.asString(), true, true)
              : tokens(item.asList()));
    }
    return prompts;
  }

  private static int[] tokens(List<JsonValue> values) {
    return values.stream().mapToInt(value -> value.asInt(0, Integer.MAX_VALUE)).toArray();
  }
}
