package io.moineau.server.api.openai;

import static io.moineau.server.api.Field.ignored;
import static io.moineau.server.api.Field.refused;
import static io.moineau.server.api.Field.supported;

import io.moineau.ChatRequest;
import io.moineau.Message;
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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code POST /v1/chat/completions}. */
public final class ChatCompletions implements Endpoint {
  private static final int MOST_CHOICES = 128;

  private static final List<Field> FIELDS = fieldTable();

  private final Service service;

  /** For this server. */
  public ChatCompletions(Service service) {
    this.service = service;
  }

  private static List<Field> fieldTable() {
    List<Field> fields = new ArrayList<>();
    fields.add(supported("model", "string", "the served model's name; may be left out"));
    fields.add(supported("messages", "array of object", "the conversation"));
    fields.add(supported("stream", "boolean", "server-sent events"));
    fields.add(supported("stream_options", "object", StreamUsage.FIELDS));
    fields.add(supported("max_completion_tokens", "integer", "most tokens, reasoning included"));
    fields.add(supported("max_tokens", "integer", "another name of max_completion_tokens"));
    fields.add(supported("n", "integer", "answers to the same prompt, up to 128"));
    fields.add(supported("logprobs", "boolean", "log-probabilities of the tokens"));
    fields.add(supported("top_logprobs", "integer", "and of the 0 to 20 most likely"));
    fields.add(supported("response_format", "object", "text, json_object, json_schema"));
    fields.add(supported("tools", "array of object", "functions that may be called"));
    fields.add(
        supported(
            "tool_choice", "string or object", "auto, none, required, a function, allowed_tools"));
    fields.add(supported("parallel_tool_calls", "boolean", "several calls in an answer; true"));
    fields.add(
        supported(
            "reasoning_effort", "string", "told to the chat template; none turns thinking off"));
    fields.addAll(SamplingFields.openAi());
    fields.add(ignored("user", "string", "nothing is kept"));
    fields.add(ignored("safety_identifier", "string", "nothing is kept"));
    fields.add(ignored("prompt_cache_key", "string", "prefixes are found by their tokens"));
    fields.add(ignored("prompt_cache_retention", "string", "prefixes stay while there is room"));
    fields.add(ignored("prompt_cache_options", "object", "prefixes stay while there is room"));
    fields.add(ignored("metadata", "object", "nothing is kept"));
    fields.add(ignored("store", "boolean", "nothing is kept"));
    fields.add(ignored("service_tier", "string", "there is one"));
    fields.add(ignored("prediction", "object", "a hint for speed only"));
    fields.add(refused("verbosity", "string", "models here are not trained for it", "medium"));
    fields.add(refused("modalities", "array of string", "there is text only", List.of("text")));
    fields.add(refused("audio", "object", "there is no sound"));
    fields.add(refused("moderation", "object", "nothing is moderated"));
    fields.add(refused("web_search_options", "object", "there is no search"));
    fields.add(refused("functions", "array of object", "deprecated; use tools", List.of()));
    fields.add(refused("function_call", "string or object", "deprecated; use tool_choice"));
    fields.addAll(SamplingFields.extra());
    fields.addAll(ResponseFormats.extra());
    fields.add(supported("chat_template_kwargs", "object", "variables for the chat template"));
    fields.add(
        supported("enable_thinking", "boolean", "the chat template's variable of this name"));
    fields.add(
        supported(
            "moineau_experts", "boolean", "the experts that the answer used, most used first"));
    fields.add(ignored("cache_prompt", "boolean", "prefixes are always found"));
    return List.copyOf(fields);
  }

  @Override
  public String method() {
    return "POST";
  }

  @Override
  public String path() {
    return "/v1/chat/completions";
  }

  @Override
  public String summary() {
    return "An answer to a conversation";
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
    ChatRequest chat = chat(request, body);
    int choices = body.integer("n", 1, MOST_CHOICES, 1);
    boolean stream = body.bool("stream", false);
    StreamUsage usage = StreamUsage.read(body);
    try (ChatChoices all = new ChatChoices(service, request, chat, choices)) {
      if (stream) {
        all.stream(reply, usage);
      } else {
        reply.json(all.whole());
      }
    }
  }

  private static ChatRequest chat(Request request, JsonObject body) {
    List<Message> messages = ChatMessages.read(request, body);
    ChatTools tools = ChatTools.read(request, body);
    int most = body.integer("max_tokens", 0, Integer.MAX_VALUE, -1);
    most = body.integer("max_completion_tokens", 0, Integer.MAX_VALUE, most);
    Sampling sampling = SamplingFields.read(body).withMaxTokens(most).withLogprobs(logprobs(body));
    return new ChatRequest(
        messages,
        tools.tools(),
        tools.choice(),
        body.bool("parallel_tool_calls", true),
        ResponseFormats.read(body),
        sampling,
        templateArguments(body),
        request.share(),
        body.bool("moineau_experts", false));
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

  private static Map<String, Object> templateArguments(JsonObject body) {
    Map<String, Object> arguments = new LinkedHashMap<>();
    body.find("reasoning_effort")
        .map(JsonValue::asString)
        .ifPresent(effort -> {
          if (effort.equals("none")) {
            arguments.put("enable_thinking", false);
            arguments.put("thinking", false); // DeepSeek V3.1's name
          } else {
            arguments.put("reasoning_effort", effort);
          }
        });
    body.find("enable_thinking")
        .ifPresent(value -> arguments.put("enable_thinking", value.asBool()));
    body.object("chat_template_kwargs").ifPresent(more -> arguments.putAll(more.values()));
    return arguments;
  }
}
