package io.moineau.text.answer;

import io.moineau.text.Tool;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The types that tools' schemas give their parameters. Families that write values without quotes
 * need them to tell the text 12 from the number 12.
 */
final class ParameterTypes {
  /** JSON's types. */
  enum Type {
    STRING,
    NUMBER,
    BOOLEAN,
    NULL,
    ARRAY,
    OBJECT
  }

  private static final int MAX_DEPTH = 16;

  private final Map<String, Map<String, Object>> schemas = new HashMap<>();

  ParameterTypes(List<Tool> tools) {
    for (Tool tool : tools) {
      schemas.put(tool.name(), tool.parameters());
    }
  }

  /** What a parameter may be; empty where nothing says so. */
  Set<Type> of(String tool, String parameter) {
    Set<Type> types = EnumSet.noneOf(Type.class);
    Map<String, Object> root = schemas.get(tool);
    if (root != null && root.get("properties") instanceof Map<?, ?> properties) {
      collect(properties.get(parameter), root, types, 0);
    }
    return types;
  }

  private static void collect(
      @Nullable Object schema, Map<String, Object> root, Set<Type> types, int depth) {
    if (!(schema instanceof Map<?, ?> map) || depth > MAX_DEPTH) {
      return;
    }
    if (map.get("type") instanceof String one) {
      add(one, types);
    } else if (map.get("type") instanceof List<?> several) {
      several.forEach(one -> add(String.valueOf(one), types));
    } else if (map.get("enum") instanceof List<?> values) {
      values.forEach(value -> types.add(typeOf(value)));
    } else if (map.containsKey("const")) {
      types.add(typeOf(map.get("const")));
    } else if (map.containsKey("properties")) {
      types.add(Type.OBJECT);
    }
    for (String key : List.of("anyOf", "oneOf", "allOf")) {
      if (map.get(key) instanceof List<?> branches) {
        branches.forEach(branch -> collect(branch, root, types, depth + 1));
      }
    }
    if (map.get("$ref") instanceof String reference) {
      collect(resolve(reference, root), root, types, depth + 1);
    }
  }

  private static @Nullable Object resolve(String reference, Map<String, Object> root) {
    if (!reference.startsWith("#/")) {
      return null;
    }
    Object at = root;
    for (String step : reference.substring(2).split("/", -1)) {
      if (!(at instanceof Map<?, ?> map)) {
        return null;
      }
      at = map.get(step.replace("~1", "/").replace("~0", "~"));
    }
    return at;
  }

  private static void add(String name, Set<Type> types) {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "string" -> types.add(Type.STRING);
      case "number", "integer" -> types.add(Type.NUMBER);
      case "boolean" -> types.add(Type.BOOLEAN);
      case "null" -> types.add(Type.NULL);
      case "array" -> types.add(Type.ARRAY);
      case "object" -> types.add(Type.OBJECT);
      default -> {}
    }
  }

  /** The type of a plain value. */
  static Type typeOf(@Nullable Object value) {
    return switch (value) {
      case null -> Type.NULL;
      case Boolean b -> Type.BOOLEAN;
      case Number n -> Type.NUMBER;
      case List<?> list -> Type.ARRAY;
      case Map<?, ?> map -> Type.OBJECT;
      default -> Type.STRING;
    };
  }
}
