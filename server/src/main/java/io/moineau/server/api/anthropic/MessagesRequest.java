package io.moineau.server.api.anthropic;

import io.moineau.ChatRequest;
import io.moineau.Message;
import io.moineau.ResponseFormat;
import io.moineau.Sampling;
import io.moineau.ToolChoice;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Request;
import io.moineau.server.api.common.Functions;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import io.moineau.text.Tool;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a body of Anthropic's messages.
 *
 * @param chat what is asked for
 * @param maxTokens most tokens of the answer
 * @param showThinking whether the text of what the model thinks is told
 */
record MessagesRequest(ChatRequest chat, int maxTokens, boolean showThinking) {
  private static final double MOST_TEMPERATURE = 1e6; // 0 to 1 at Anthropic's; more does no harm
  private static final int MOST_STOPS = 64;
  private static final int LEAST_BUDGET = 1024;

  /** A request for an answer. */
  static MessagesRequest create(Request request, JsonObject body) {
    int maxTokens = body.get("max_tokens").asInt(1, Integer.MAX_VALUE);
    MessagesRequest prompt = prompt(request, body, maxTokens);
    return new MessagesRequest(
        prompt.chat.withSampling(sampling(body).withMaxTokens(maxTokens)),
        maxTokens,
        prompt.showThinking);
  }

  /** A request that is counted only. */
  static ChatRequest count(Request request, JsonObject body) {
    return prompt(request, body, Integer.MAX_VALUE).chat;
  }

  private static MessagesRequest prompt(Request request, JsonObject body, int maxTokens) {
    List<Message> messages = MessageBlocks.read(request, body);
    List<Tool> tools = tools(request, body);
    Map<String, Object> arguments = new LinkedHashMap<>();
    boolean show = thinking(request, body, maxTokens, arguments);
    checkContext(body);
    Optional<JsonObject> output = body.object("output_config");
    output.ifPresent(config -> request.check(config, MessagesFields.OUTPUT_CONFIG));
    output
        .flatMap(config -> config.find("effort"))
        .map(effort -> effort.asWord("low", "medium", "high", "xhigh", "max"))
        .ifPresent(effort -> arguments.put("reasoning_effort", effort));
    ChatRequest chat =
        ChatRequest.of(messages)
            .withTools(tools)
            .withResponseFormat(format(request, body, output))
            .withTemplateArguments(arguments)
            .withShare(request.share());
    return new MessagesRequest(chosen(request, body, chat), maxTokens, show);
  }

  private static List<Tool> tools(Request request, JsonObject body) {
    List<Tool> tools = new ArrayList<>();
    for (JsonValue value : body.list("tools")) {
      JsonObject tool = value.asObject();
      String type = tool.string("type", "custom");
      if (!type.equals("custom")) {
        throw Functions.unsupportedType(tool, "a tool", type, "custom");
      }
      request.check(tool, MessagesFields.TOOL);
      tool.get("input_schema");
      tools.add(Functions.tool(tool, "input_schema"));
    }
    return Functions.distinct(tools, "tools");
  }

  private static ChatRequest chosen(Request request, JsonObject body, ChatRequest chat) {
    Optional<JsonValue> given = body.find("tool_choice");
    if (given.isEmpty()) {
      return chat;
    }
    JsonObject choice = given.get().asObject();
    request.check(choice, MessagesFields.TOOL_CHOICE);
    boolean parallel = !choice.bool("disable_parallel_tool_use", false);
    ToolChoice made =
        switch (choice.get("type").asWord("auto", "any", "tool", "none")) {
          case "none" -> ToolChoice.NONE;
          case "any" -> {
            Functions.needTools(given.get(), chat.tools());
            yield ToolChoice.REQUIRED;
          }
          case "tool" -> ToolChoice.named(Functions.find(choice.get("name"), chat.tools()).name());
          default -> ToolChoice.AUTO;
        };
    return chat.withToolChoice(made).withParallelToolCalls(parallel);
  }

  /** As this API has it, a model that can do without does not think unless it is asked to. */
  private static boolean thinking(
      Request request, JsonObject body, int maxTokens, Map<String, Object> arguments) {
    Optional<JsonObject> given = body.object("thinking");
    given.ifPresent(config -> request.check(config, MessagesFields.THINKING_CONFIG));
    boolean thinks =
        given.isPresent()
            && !given
                .get()
                .get("type")
                .asWord("enabled", "adaptive", "disabled")
                .equals("disabled");
    arguments.put("enable_thinking", thinks);
    arguments.put("thinking", thinks); // DeepSeek V3.1's name
    given
        .flatMap(config -> config.find("budget_tokens"))
        .ifPresent(budget -> {
          long tokens = budget.asLong(LEAST_BUDGET, Integer.MAX_VALUE);
          if (tokens >= maxTokens) {
            throw budget.outOfRange(Long.toString(tokens), "below max_tokens, " + maxTokens);
          }
        });
    return given
        .flatMap(config -> config.find("display"))
        .map(display -> !display.asWord("summarized", "omitted").equals("omitted"))
        .orElse(true);
  }

  private static ResponseFormat format(
      Request request, JsonObject body, Optional<JsonObject> output) {
    Optional<JsonObject> format =
        output.flatMap(config -> config.object("format")).or(() -> body.object("output_format"));
    if (format.isEmpty()) {
      return ResponseFormat.TEXT;
    }
    request.check(format.get(), MessagesFields.OUTPUT_FORMAT);
    format.get().get("type").asWord("json_schema");
    return new ResponseFormat.JsonSchema("answer", format.get().get("schema").asObject().values());
  }

  /** Lets through what would leave the conversation as it is. */
  private static void checkContext(JsonObject body) {
    Optional<JsonObject> management = body.object("context_management");
    if (management.isEmpty()) {
      return;
    }
    for (JsonValue value : management.get().list("edits")) {
      JsonObject edit = value.asObject();
      boolean keepsAll = edit.find("keep").filter(keep -> "all".equals(keep.value())).isPresent();
      if (!keepsAll) {
        throw Functions.unsupportedType(
            edit, "an edit of the context", edit.get("type").asString(), "edits with keep: all");
      }
    }
  }

  private static Sampling sampling(JsonObject body) {
    Sampling otherwise = Sampling.defaults();
    List<String> stops = new ArrayList<>();
    List<JsonValue> given = body.list("stop_sequences");
    if (given.size() > MOST_STOPS) {
      throw ApiException.badValue(
          "stop_sequences", "too many stop sequences", given.size() + " texts", "up to 64");
    }
    for (JsonValue stop : given) {
      if (stop.asString().isEmpty()) {
        throw stop.outOfRange("an empty text", "texts of one character or more");
      }
      stops.add(stop.asString());
    }
    return otherwise
        .withTemperature(body.number("temperature", 0, MOST_TEMPERATURE, otherwise.temperature()))
        .withTopP(body.number("top_p", 0, 1, otherwise.topP()))
        .withTopK(body.integer("top_k", 0, 1 << 24, otherwise.topK()))
        .withStop(stops);
  }
}
