package io.moineau.server.api.ollama;

import static io.moineau.server.api.Field.ignored;
import static io.moineau.server.api.Field.supported;

import io.moineau.Message;
import io.moineau.Role;
import io.moineau.server.api.Field;
import io.moineau.server.api.Request;
import io.moineau.server.api.common.Functions;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import io.moineau.text.Tool;
import io.moineau.text.ToolCall;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Reads the conversation and the tools of a chat. Calls have no names of their own in this API:
 * results belong to the calls before them in their order.
 */
final class OllamaMessages {
  private static final List<Field> CALL =
      List.of(
          supported("id", "string", ""),
          ignored("type", "string", "function"),
          supported("function", "object", ""));
  private static final List<Field> FUNCTION =
      List.of(
          supported("name", "string", ""),
          supported("arguments", "object", ""),
          ignored("index", "integer", "the place says it"),
          ignored("description", "string", "told to no chat template"));
  private static final List<Field> TOOL =
      List.of(supported("type", "string", "function"), supported("function", "object", ""));

  private final Request request;
  private final Deque<ToolCall> unanswered = new ArrayDeque<>();
  private int calls;

  private OllamaMessages(Request request) {
    this.request = request;
  }

  static List<Message> read(Request request, JsonObject body) {
    OllamaMessages reader = new OllamaMessages(request);
    List<Message> messages = new ArrayList<>();
    for (JsonValue value : body.list("messages")) {
      messages.add(reader.message(value.asObject()));
    }
    return messages;
  }

  private Message message(JsonObject message) {
    request.check(message, OllamaFields.MESSAGE);
    String content = message.string("content", "");
    return switch (message.get("role").asWord("system", "user", "assistant", "tool")) {
      case "system" -> Message.system(content);
      case "assistant" -> assistant(message, content);
      case "tool" -> result(message, content);
      default -> new Message(Role.USER, message.get("content").asString());
    };
  }

  private Message assistant(JsonObject message, String content) {
    unanswered.clear();
    for (JsonValue value : message.list("tool_calls")) {
      JsonObject call = value.asObject();
      request.check(call, CALL);
      JsonObject function = call.get("function").asObject();
      request.check(function, FUNCTION);
      unanswered.add(
          new ToolCall(
              call.string("id", "call_" + calls++),
              function.get("name").asString(),
              function.find("arguments").map(Functions::arguments).orElse("{}")));
    }
    return Message.assistant(content, message.string("thinking", ""), List.copyOf(unanswered));
  }

  private Message result(JsonObject message, String content) {
    String name = message.string("tool_name", message.string("name", ""));
    String id = message.string("tool_call_id", "");
    for (ToolCall call : unanswered) {
      boolean its =
          id.isEmpty() ? name.isEmpty() || name.equals(call.name()) : id.equals(call.id());
      if (its) {
        unanswered.remove(call);
        return Message.tool(call.id(), call.name(), content);
      }
    }
    return Message.tool(id, name, content);
  }

  static List<Tool> tools(Request request, JsonObject body) {
    List<Tool> tools = new ArrayList<>();
    for (JsonValue value : body.list("tools")) {
      JsonObject tool = value.asObject();
      request.check(tool, TOOL);
      String type = tool.string("type", "function");
      if (!type.equals("function")) {
        throw Functions.unsupportedType(tool, "a tool", type, "function");
      }
      tools.add(Functions.tool(tool.get("function").asObject(), "parameters"));
    }
    return Functions.distinct(tools, "tools");
  }
}
