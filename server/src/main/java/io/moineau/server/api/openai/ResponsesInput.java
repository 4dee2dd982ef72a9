package io.moineau.server.api.openai;

import io.moineau.Message;
import io.moineau.Role;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Request;
import io.moineau.server.api.common.Functions;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import io.moineau.text.ToolCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the items of an input. What the assistant thought, said and called are items of their own
 * in this API; those that follow each other are one message.
 */
final class ResponsesInput {
  private final Request request;
  private final List<Message> messages = new ArrayList<>();
  private final Map<String, String> functions = new HashMap<>(); // of calls, by their id
  private final StringBuilder reasoning = new StringBuilder();
  private final StringBuilder content = new StringBuilder();
  private final List<ToolCall> calls = new ArrayList<>();
  private boolean assistant; // whether the three hold something

  private ResponsesInput(Request request) {
    this.request = request;
  }

  static List<Message> read(Request request, JsonObject body) {
    ResponsesInput reader = new ResponsesInput(request);
    String instructions = body.string("instructions", "");
    if (!instructions.isEmpty()) {
      reader.messages.add(Message.system(instructions));
    }
    JsonValue input = body.get("input");
    if (input.isString()) {
      reader.messages.add(Message.user(input.asString()));
      return reader.messages;
    }
    if (!input.isList()) {
      throw input.wrongType("a string, or an array of items");
    }
    for (JsonValue item : input.asList()) {
      reader.item(item.asObject());
    }
    reader.flush();
    if (input.asList().isEmpty()) {
      throw input.outOfRange("empty", "one item or more");
    }
    return reader.messages;
  }

  private void item(JsonObject item) {
    String type = item.string("type", "message");
    switch (type) {
      case "message" -> message(item);
      case "function_call" -> call(item);
      case "function_call_output" -> output(item);
      case "reasoning" -> reasoning(item);
      default ->
          throw Functions.unsupportedType(
              item, "an item", type, "message, function_call, function_call_output, reasoning");
    }
  }

  private void message(JsonObject item) {
    request.check(item, ResponsesFields.MESSAGE);
    String text = ChatMessages.content(item.get("content"));
    switch (item.get("role").asWord("user", "assistant", "system", "developer")) {
      case "assistant" -> {
        assistant = true;
        content.append(text);
      }
      case "user" -> add(new Message(Role.USER, text));
      default -> add(Message.system(text));
    }
  }

  private void call(JsonObject item) {
    request.check(item, ResponsesFields.CALL);
    String id = item.get("call_id").asString();
    String name = item.get("name").asString();
    functions.put(id, name);
    calls.add(new ToolCall(id, name, Functions.arguments(item.get("arguments"))));
    assistant = true;
  }

  private void output(JsonObject item) {
    request.check(item, ResponsesFields.OUTPUT);
    JsonValue id = item.get("call_id");
    String name = functions.get(id.asString());
    if (name == null) {
      throw ApiException.badValue(
          id.path(),
          "the output of a call that is not in the input",
          id.path(),
          "the call_id of a function_call before it");
    }
    add(Message.tool(id.asString(), name, ChatMessages.content(item.get("output"))));
  }

  private void reasoning(JsonObject item) {
    request.check(item, ResponsesFields.REASONING);
    String field = item.list("content").isEmpty() ? "summary" : "content";
    for (JsonValue part : item.list(field)) {
      reasoning.append(part.asObject().get("text").asString());
    }
    assistant = true;
  }

  private void add(Message message) {
    flush();
    messages.add(message);
  }

  private void flush() {
    if (assistant) {
      messages.add(Message.assistant(content.toString(), reasoning.toString(), calls));
      content.setLength(0);
      reasoning.setLength(0);
      calls.clear();
      assistant = false;
    }
  }
}
