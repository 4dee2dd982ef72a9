package io.moineau.server.api.common;

import io.moineau.server.api.ApiException;
import io.moineau.server.json.JsonObject;
import io.moineau.server.json.JsonValue;
import io.moineau.text.Json;
import io.moineau.text.TextException;
import io.moineau.text.Tool;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what APIs say of functions: their description, the choice among them, calls. */
public final class Functions {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9_.-]{1,128}");
  private static final int MOST_SHOWN = 40;

  private Functions() {}

  /**
   * A function that the model may call.
   *
   * @param schema the name of the field that holds the JSON Schema of its arguments
   */
  public static Tool tool(JsonObject function, String schema) {
    JsonValue name = function.get("name");
    if (!NAME.matcher(name.asString()).matches()) {
      throw name.outOfRange("another name", "1 to 128 letters, digits, _, - and .");
    }
    return new Tool(
        name.asString(),
        function.string("description", ""),
        function.object(schema).map(JsonObject::values).orElse(Map.of()),
        function.bool("strict", false));
  }

  /** Checks that no two tools have the same name. */
  public static List<Tool> distinct(List<Tool> tools, String path) {
    Set<String> names = new HashSet<>();
    for (Tool tool : tools) {
      if (!names.add(tool.name())) {
        throw ApiException.badValue(
            path, "two tools have the same name", tool.name(), "a name for each");
      }
    }
    return tools;
  }

  /** The tool of a name that a choice gives. */
  public static Tool find(JsonValue name, List<Tool> tools) {
    for (Tool tool : tools) {
      if (tool.name().equals(name.asString())) {
        return tool;
      }
    }
    throw ApiException.badValue(
        name.path(),
        "the tool that is chosen is not among the tools",
        shortened(name.asString()),
        String.join(", ", tools.stream().map(Tool::name).toList()));
  }

  /** Checks that a call can be demanded. */
  public static void needTools(JsonValue choice, List<Tool> tools) {
    if (tools.isEmpty()) {
      throw ApiException.badValue(
          choice.path(),
          "a call is required and there are no tools",
          "tools is empty",
          "one or more");
    }
  }

  /** The JSON text of a call's arguments, which are that text or the object itself. */
  public static String arguments(JsonValue arguments) {
    if (arguments.isObject()) {
      return Json.write(arguments.value());
    }
    String text = arguments.asString();
    if (text.isBlank()) {
      return "{}";
    }
    if (object(text) == null) {
      throw arguments.outOfRange("no such text", "the JSON text of an object");
    }
    return text;
  }

  /** A call's arguments as an object; null where the text is none, as one that was cut off is. */
  public static @Nullable Map<?, ?> object(String arguments) {
    if (arguments.isBlank()) {
      return Map.of();
    }
    try {
      return Json.parse(arguments) instanceof Map<?, ?> map ? map : null;
    } catch (TextException e) {
      return null;
    }
  }

  /** 400: something of a type that is not supported. */
  public static ApiException unsupportedType(
      JsonObject object, String what, String type, String allowed) {
    return ApiException.unsupportedValue(
        object.path("type"), what + " of type " + shortened(type), allowed);
  }

  private static String shortened(String text) {
    return text.length() <= MOST_SHOWN ? text : text.substring(0, MOST_SHOWN) + "...";
  }
}
