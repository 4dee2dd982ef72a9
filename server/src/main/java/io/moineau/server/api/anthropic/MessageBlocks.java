package io.moineau.server.api.anthropic;

import io.moineau.Message;
import io.moineau.Role;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Field;
import io.moineau.server.api.Request;
import io.moineau.server.api.common.Functions;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import io.moineau.text.Json;
import io.moineau.text.ToolCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Reads the conversation of a body. As this API has it, turns of the same side that follow each
 * other are one turn, and results of tools are blocks of a user's turn.
 */
final class MessageBlocks {
  private static final String TEXT_ONLY = "text";

  private final Request request;
  private final List<Message> messages = new ArrayList<>();
  private final Map<String, String> functions = new HashMap<>(); // of calls, by their id

  private MessageBlocks(Request request) {
    this.request = request;
  }

  /** The conversation, the system's text first. */
  static List<Message> read(Request request, JsonObject body) {
    MessageBlocks blocks = new MessageBlocks(request);
    Optional<JsonValue> system = body.find("system");
    if (system.isPresent()) {
      String text = blocks.text(system.get(), "\n\n");
      if (!text.isEmpty()) {
        blocks.messages.add(Message.system(text));
      }
    }
    JsonValue all = body.get("messages");
    List<JsonValue> values = all.asList();
    if (values.isEmpty()) {
      throw all.outOfRange("empty", "one message or more");
    }
    for (JsonValue value : values) {
      blocks.add(value.asObject());
    }
    if (blocks.messages.getLast().role() == Role.ASSISTANT) {
      throw ApiException.unsupportedValue(
          values.getLast().path() + ".role",
          "the last message is the assistant's: the beginning of an answer cannot be given",
          "a last message of the user");
    }
    return blocks.messages;
  }

  private void add(JsonObject message) {
    request.check(message, MessagesFields.MESSAGE);
    JsonValue content = message.get("content");
    switch (message.get("role").asWord("user", "assistant", "system")) {
      case "assistant" -> assistant(content);
      case "system" -> messages.add(Message.system(text(content, "\n")));
      default -> user(content);
    }
  }

  private void user(JsonValue content) {
    if (content.isString()) {
      join(Message.user(content.asString()));
      return;
    }
    List<JsonValue> values = content.asList();
    if (values.isEmpty()) {
      throw content.outOfRange("empty", "a text, or one block or more");
    }
    StringBuilder text = new StringBuilder();
    int before = messages.size();
    for (JsonValue value : values) {
      JsonObject block = value.asObject();
      String type = block.get("type").asString();
      switch (type) {
        case "text" -> append(text, textOf(block), "\n");
        case "tool_result" -> {
          flush(text);
          messages.add(result(block));
        }
        default -> throw Functions.unsupportedType(block, "a block", type, "text, tool_result");
      }
    }
    if (text.isEmpty() && messages.size() == before) {
      join(Message.user("")); // a turn of no words is a turn
    }
    flush(text);
  }

  private void flush(StringBuilder text) {
    if (!text.isEmpty()) {
      join(Message.user(text.toString()));
      text.setLength(0);
    }
  }

  private void join(Message message) {
    Message last = messages.isEmpty() ? null : messages.getLast();
    if (last == null || last.role() != message.role()) {
      messages.add(message);
      return;
    }
    List<ToolCall> calls = new ArrayList<>(last.toolCalls());
    calls.addAll(message.toolCalls());
    messages.set(
        messages.size() - 1,
        new Message(
            last.role(),
            joined(last.content(), message.content()),
            joined(last.reasoning(), message.reasoning()),
            calls,
            "",
            ""));
  }

  private static String joined(String first, String second) {
    return first.isEmpty() || second.isEmpty() ? first + second : first + "\n\n" + second;
  }

  private Message result(JsonObject block) {
    request.check(block, MessagesFields.TOOL_RESULT);
    JsonValue id = block.get("tool_use_id");
    String name = functions.get(id.asString());
    if (name == null) {
      throw ApiException.badValue(
          id.path(),
          "the result of a call that is not in the conversation",
          id.path(),
          "the id of a tool_use block before it");
    }
    String text = block.find("content").map(content -> text(content, "\n")).orElse("");
    if (block.bool("is_error", false) && !text.toLowerCase(Locale.ROOT).startsWith("error")) {
      text = text.isEmpty() ? "Error" : "Error: " + text;
    }
    return Message.tool(id.asString(), name, text);
  }

  private void assistant(JsonValue content) {
    if (content.isString()) {
      join(Message.assistant(content.asString()));
      return;
    }
    StringBuilder text = new StringBuilder();
    StringBuilder reasoning = new StringBuilder();
    List<ToolCall> calls = new ArrayList<>();
    for (JsonValue value : content.asList()) {
      JsonObject block = value.asObject();
      String type = block.get("type").asString();
      switch (type) {
        case "text" -> text.append(textOf(block));
        case "thinking", "redacted_thinking" -> {
          request.check(block, MessagesFields.THINKING);
          reasoning.append(block.string("thinking", ""));
        }
        case "tool_use" -> calls.add(call(block));
        default ->
            throw Functions.unsupportedType(
                block, "a block", type, "text, thinking, redacted_thinking, tool_use");
      }
    }
    join(Message.assistant(text.toString(), reasoning.toString(), calls));
  }

  private ToolCall call(JsonObject block) {
    request.check(block, MessagesFields.TOOL_USE);
    String id = block.get("id").asString();
    String name = block.get("name").asString();
    functions.put(id, name);
    return new ToolCall(id, name, Json.write(block.get("input").asObject().values()));
  }

  /** A text, or blocks of text joined. */
  private String text(JsonValue content, String between) {
    if (content.isString()) {
      return content.asString();
    }
    if (!content.isList()) {
      throw content.wrongType("a string, or an array of blocks");
    }
    StringBuilder text = new StringBuilder();
    for (JsonValue value : content.asList()) {
      JsonObject block = value.asObject();
      String type = block.get("type").asString();
      if (!type.equals(TEXT_ONLY)) {
        throw Functions.unsupportedType(block, "a block", type, TEXT_ONLY);
      }
      append(text, textOf(block), between);
    }
    return text.toString();
  }

  private String textOf(JsonObject block) {
    List<Field> fields = MessagesFields.TEXT;
    request.check(block, fields);
    return block.get("text").asString();
  }

  private static void append(StringBuilder text, String more, String between) {
    if (!text.isEmpty() && !more.isEmpty()) {
      text.append(between);
    }
    text.append(more);
  }
}
