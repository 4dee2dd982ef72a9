package io.moineau.server.api.openai;

import static io.moineau.server.api.Field.supported;

import io.moineau.ToolChoice;
import io.moineau.server.api.ApiException;
import io.moineau.server.api.Field;
import io.moineau.server.api.Request;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import io.moineau.text.Json;
import io.moineau.text.Tool;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Reads the tools of a chat and the choice among them.
 *
 * @param tools that the model is told of
 * @param choice whether it may, must or must not call them
 */
record ChatTools(List<Tool> tools, ToolChoice choice) {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");

  private static final List<Field> TOOL_FIELDS =
      List.of(supported("type", "string", "function"), supported("function", "object", ""));

  private static final List<Field> FUNCTION_FIELDS =
      List.of(
          supported("name", "string", "up to 128 letters, digits, _, -, ."),
          supported("description", "string", "told to the model"),
          supported("parameters", "object", "JSON Schema of the arguments"),
          supported("strict", "boolean", "the arguments keep to the schema, by force"));

  static ChatTools read(Request request, JsonObject body) {
    List<Tool> tools = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (JsonValue value : body.list("tools")) {
      Tool tool = tool(request, value.asObject());
      if (!names.add(tool.name())) {
        throw ApiException.badValue(
            value.path(), "two tools have the same name", tool.name(), "a name for each");
      }
      tools.add(tool);
    }
    Optional<JsonValue> choice = body.find("tool_choice");
    return choice.isEmpty() ? new ChatTools(tools, ToolChoice.AUTO) : choose(choice.get(), tools);
  }

  private static Tool tool(Request request, JsonObject tool) {
    request.check(tool, TOOL_FIELDS);
    String type = tool.get("type").asString();
    if (!type.equals("function")) {
      throw ApiException.unsupportedValue(
          tool.path("type"),
          "a tool of type " + Json.write(type.length() > 40 ? type.substring(0, 40) : type),
          "function");
    }
    JsonObject function = tool.get("function").asObject();
    request.check(function, FUNCTION_FIELDS);
    JsonValue name = function.get("name");
    if (!NAME.matcher(name.asString()).matches()) {
      throw name.outOfRange("another name", "1 to 128 letters, digits, _, - and .");
    }
    return new Tool(
        name.asString(),
        function.string("description", ""),
        function.object("parameters").map(JsonObject::values).orElse(Map.of()),
        function.bool("strict", false));
  }

  private static ChatTools choose(JsonValue choice, List<Tool> tools) {
    if (choice.isString()) {
      String word = choice.asWord("auto", "none", "required");
      if (word.equals("required") && tools.isEmpty()) {
        throw ApiException.badValue(
            choice.path(),
            "a call is required and there are no tools",
            "tools is empty",
            "one or more");
      }
      return new ChatTools(
          tools,
          switch (word) {
            case "none" -> ToolChoice.NONE;
            case "required" -> ToolChoice.REQUIRED;
            default -> ToolChoice.AUTO;
          });
    }
    JsonObject object = choice.asObject();
    return switch (object.get("type").asWord("function", "allowed_tools")) {
      case "allowed_tools" -> allowed(object.get("allowed_tools").asObject(), tools);
      default -> {
        JsonValue name = object.get("function").asObject().get("name");
        yield new ChatTools(tools, ToolChoice.named(known(name, tools).name()));
      }
    };
  }

  private static ChatTools allowed(JsonObject allowed, List<Tool> tools) {
    List<Tool> kept = new ArrayList<>();
    for (JsonValue value : allowed.get("tools").asList()) {
      kept.add(known(value.asObject().get("function").asObject().get("name"), tools));
    }
    boolean required = allowed.get("mode").asWord("auto", "required").equals("required");
    return new ChatTools(kept, required ? ToolChoice.REQUIRED : ToolChoice.AUTO);
  }

  private static Tool known(JsonValue name, List<Tool> tools) {
    for (Tool tool : tools) {
      if (tool.name().equals(name.asString())) {
        return tool;
      }
    }
    throw ApiException.badValue(
        name.path(),
        "the tool that is chosen is not among the tools",
        name.asString(),
        String.join(", ", tools.stream().map(Tool::name).toList()));
  }
}
