package io.moineau.server.api.openai;

import io.moineau.ChatRequest;
import io.moineau.ResponseFormat;
import io.moineau.Sampling;
import io.moineau.ToolChoice;
import io.moineau.server.api.Request;
import io.moineau.server.api.common.Functions;
import io.moineau.server.json.JsonMap;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import io.moineau.text.Tool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Reads a body of OpenAI's responses.
 *
 * @param chat what is asked for
 * @param body as it came, since answers repeat parts of it
 */
record ResponsesRequest(ChatRequest chat, JsonObject body) {
  private static final double MOST_TEMPERATURE = 1e6; // 2 at OpenAI's; more does no harm

  static ResponsesRequest read(Request request, JsonObject body) {
    List<Tool> tools = tools(request, body);
    Map<String, Object> arguments = new LinkedHashMap<>();
    body.object("reasoning")
        .ifPresent(config -> {
          request.check(config, ResponsesFields.REASONING_CONFIG);
          config.find("effort").ifPresent(effort -> effort(effort.asString(), arguments));
        });
    ChatRequest chat =
        ChatRequest.of(ResponsesInput.read(request, body))
            .withTools(tools)
            .withParallelToolCalls(body.bool("parallel_tool_calls", true))
            .withResponseFormat(format(request, body))
            .withSampling(sampling(body))
            .withTemplateArguments(arguments)
            .withShare(request.share());
    return new ResponsesRequest(chosen(body, chat), body);
  }

  private static void effort(String effort, Map<String, Object> arguments) {
    if (effort.equals("none") || effort.equals("minimal")) {
      arguments.put("enable_thinking", false);
      arguments.put("thinking", false); // DeepSeek V3.1's name
    } else {
      arguments.put("reasoning_effort", effort);
    }
  }

  private static List<Tool> tools(Request request, JsonObject body) {
    List<Tool> tools = new ArrayList<>();
    for (JsonValue value : body.list("tools")) {
      JsonObject tool = value.asObject();
      String type = tool.get("type").asString();
      if (!type.equals("function")) {
        throw Functions.unsupportedType(tool, "a tool", type, "function");
      }
      request.check(tool, ResponsesFields.TOOL);
      tools.add(Functions.tool(tool, "parameters"));
    }
    return Functions.distinct(tools, "tools");
  }

  private static ChatRequest chosen(JsonObject body, ChatRequest chat) {
    Optional<JsonValue> given = body.find("tool_choice");
    if (given.isEmpty()) {
      return chat;
    }
    JsonValue choice = given.get();
    if (choice.isString()) {
      return switch (choice.asWord("auto", "none", "required")) {
        case "none" -> chat.withToolChoice(ToolChoice.NONE);
        case "required" -> {
          Functions.needTools(choice, chat.tools());
          yield chat.withToolChoice(ToolChoice.REQUIRED);
        }
        default -> chat;
      };
    }
    JsonObject object = choice.asObject();
    if (object.get("type").asWord("function", "allowed_tools").equals("function")) {
      Tool tool = Functions.find(object.get("name"), chat.tools());
      return chat.withToolChoice(ToolChoice.named(tool.name()));
    }
    List<Tool> kept = new ArrayList<>();
    for (JsonValue value : object.get("tools").asList()) {
      kept.add(Functions.find(value.asObject().get("name"), chat.tools()));
    }
    boolean required = object.get("mode").asWord("auto", "required").equals("required");
    return chat.withTools(kept).withToolChoice(required ? ToolChoice.REQUIRED : ToolChoice.AUTO);
  }

  private static ResponseFormat format(Request request, JsonObject body) {
    Optional<JsonObject> text = body.object("text");
    text.ifPresent(config -> request.check(config, ResponsesFields.TEXT));
    Optional<JsonObject> given = text.flatMap(config -> config.object("format"));
    if (given.isEmpty()) {
      return ResponseFormat.TEXT;
    }
    JsonObject format = given.get();
    request.check(format, ResponsesFields.FORMAT);
    return switch (format.get("type").asWord("text", "json_object", "json_schema")) {
      case "text" -> ResponseFormat.TEXT;
      case "json_object" -> ResponseFormat.JSON_OBJECT;
      default ->
          new ResponseFormat.JsonSchema(
              format.string("name", "answer"), format.get("schema").asObject().values());
    };
  }

  private static Sampling sampling(JsonObject body) {
    Sampling otherwise = Sampling.defaults();
    boolean logprobs = false;
    for (JsonValue extra : body.list("include")) {
      logprobs |= extra.asString().equals("message.output_text.logprobs");
    }
    int top = body.integer("top_logprobs", 0, 20, 0);
    return otherwise
        .withTemperature(body.number("temperature", 0, MOST_TEMPERATURE, otherwise.temperature()))
        .withTopP(body.number("top_p", 0, 1, otherwise.topP()))
        .withMaxTokens(body.integer("max_output_tokens", 1, Integer.MAX_VALUE, -1))
        .withLogprobs(logprobs || top > 0 ? top : -1);
  }

  /** The fields of a response that repeat the request. */
  Map<String, Object> echo() {
    return JsonMap.of(
        "instructions",
        plain("instructions", null),
        "max_output_tokens",
        plain("max_output_tokens", null),
        "max_tool_calls",
        plain("max_tool_calls", null),
        "parallel_tool_calls",
        chat.parallelToolCalls(),
        "previous_response_id",
        null,
        "reasoning",
        JsonMap.of(
            "effort",
            body.object("reasoning").map(config -> config.string("effort", "")).orElse(null),
            "summary",
            null),
        "store",
        false,
        "temperature",
        chat.sampling().temperature(),
        "text",
        plain("text", JsonMap.of("format", Map.of("type", "text"))),
        "tool_choice",
        plain("tool_choice", "auto"),
        "tools",
        plain("tools", List.of()),
        "top_logprobs",
        Math.max(0, chat.sampling().logprobs()),
        "top_p",
        chat.sampling().topP(),
        "truncation",
        "disabled",
        "metadata",
        plain("metadata", Map.of()));
  }

  private @Nullable Object plain(String name, @Nullable Object otherwise) {
    return body.has(name) ? body.get(name).value() : otherwise;
  }
}
