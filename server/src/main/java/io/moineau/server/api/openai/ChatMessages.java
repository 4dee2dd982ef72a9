package io.moineau.server.api.openai;

import static io.moineau.server.api.Field.ignored;
import static io.moineau.server.api.Field.refused;
import static io.moineau.server.api.Field.supported;

import io.moineau.Message;
import io.moineau.Role;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Field;
import io.moineau.server.api.Request;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import io.moineau.text.Json;
import io.moineau.text.TextException;
import io.moineau.text.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Reads the messages of a chat. */
final class ChatMessages {
  static final List<Field> FIELDS =
      List.of(
          supported("role", "string", "system, developer (the same), user, assistant, tool"),
          supported("content", "string or array of object", "text, or parts of type text"),
          supported("name", "string", "told to the chat template"),
          supported("tool_calls", "array of object", "calls that the assistant asked for"),
          supported("tool_call_id", "string", "the call whose result a tool's message is"),
          supported("reasoning_content", "string", "what the assistant thought"),
          supported("reasoning", "string", "another name of reasoning_content"),
          ignored("refusal", "string", "told to no chat template"),
          ignored("annotations", "array of object", "told to no chat template"),
          refused("audio", "object", "there is no sound"),
          refused("function_call", "object", "deprecated; use tool_calls"));

  private static final List<Field> CALL_FIELDS =
      List.of(
          supported("id", "string", ""),
          supported("type", "string", "function"),
          supported("function", "object", ""),
          ignored("index", "integer", "the place says it"));

  private ChatMessages() {}

  static List<Message> read(Request request, JsonObject body) {
    JsonValue all = body.get("messages");
    List<Message> messages = new ArrayList<>();
    for (JsonValue value : all.asList()) {
      JsonObject message = value.asObject();
      request.check(message, FIELDS);
      messages.add(message(request, message));
    }
    if (messages.isEmpty()) {
      throw all.outOfRange("empty", "one message or more");
    }
    return messages;
  }

  private static Message message(Request request, JsonObject message) {
    Role role =
        switch (message.get("role").asWord("system", "developer", "user", "assistant", "tool")) {
          case "system", "developer" -> Role.SYSTEM;
          case "assistant" -> Role.ASSISTANT;
          case "tool" -> Role.TOOL;
          default -> Role.USER;
        };
    List<ToolCall> calls = new ArrayList<>();
    for (JsonValue call : message.list("tool_calls")) {
      calls.add(toolCall(request, call.asObject()));
    }
    boolean mayBeSilent = role == Role.ASSISTANT;
    String content = mayBeSilent && !message.has("content") ? "" : content(message.get("content"));
    return new Message(
        role,
        content,
        message.string("reasoning_content", message.string("reasoning", "")),
        calls,
        message.string("tool_call_id", ""),
        message.string("name", ""));
  }

  /** Text, or parts of text joined. */
  static String content(JsonValue content) {
    if (content.isString()) {
      return content.asString();
    }
    if (!content.isList()) {
      throw content.wrongType("a string, or an array of parts");
    }
    StringBuilder text = new StringBuilder();
    for (JsonValue part : content.asList()) {
      if (part.isString()) {
        text.append(part.asString());
        continue;
      }
      JsonObject object = part.asObject();
      String type = object.get("type").asString();
      switch (type) {
        case "text", "input_text", "output_text" -> text.append(object.get("text").asString());
        case "refusal" -> text.append(object.get("refusal").asString());
        default ->
            throw ApiException.unsupportedValue(
                object.path("type"),
                "a part of type " + Json.write(type.length() > 40 ? type.substring(0, 40) : type),
                "text");
      }
    }
    return text.toString();
  }

  private static ToolCall toolCall(Request request, JsonObject call) {
    request.check(call, CALL_FIELDS);
    call.find("type").ifPresent(type -> type.asWord("function"));
    JsonObject function = call.get("function").asObject();
    JsonValue arguments = function.get("arguments");
    // Text of JSON as OpenAI's API has it, or the object itself, as templates' examples have it.
    String text = arguments.isObject() ? Json.write(arguments.value()) : arguments.asString();
    try {
      Object parsed = Json.parse(text.isEmpty() ? "{}" : text);
      if (!(parsed instanceof Map<?, ?>)) {
        throw arguments.outOfRange("no object", "the JSON text of an object");
      }
    } catch (TextException e) {
      throw arguments.outOfRange("no JSON", "the JSON text of an object");
    }
    return new ToolCall(
        call.string("id", ""), function.get("name").asString(), text.isEmpty() ? "{}" : text);
  }
}
