package io.moineau.server.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** An object of a request. A field that is null counts as one that is not there. */
public final class JsonObject {
  private final Map<?, ?> map;
  private final String path;

  JsonObject(Map<?, ?> map, String path) {
    this.map = map;
    this.path = path;
  }

  /** Reads a whole text that is an object. */
  public static JsonObject parse(byte[] bytes) {
    return JsonValue.parse(bytes).asObject();
  }

  /** Where it stands. */
  public String path() {
    return path;
  }

  /** The names of its fields, those that are null included. */
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (Object name : map.keySet()) {
      names.add((String) name);
    }
    return names;
  }

  /** Whether a field is there and not null. */
  public boolean has(String name) {
    return map.get(name) != null;
  }

  /** The path of a field. */
  public String path(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /**
   * A field that must be there.
   *
   * @throws JsonException {@code json-missing}
   */
  public JsonValue get(String name) {
    Object value = map.get(name);
    if (value == null) {
      throw new JsonException(
          "json-missing", path(name), "a field is missing", path(name), "", "add it");
    }
    return new JsonValue(value, path(name));
  }

  /** A field, or nothing. */
  public Optional<JsonValue> find(String name) {
    Object value = map.get(name);
    return value == null ? Optional.empty() : Optional.of(new JsonValue(value, path(name)));
  }

  /** A string, or {@code otherwise}. */
  public String string(String name, String otherwise) {
    return find(name).map(JsonValue::asString).orElse(otherwise);
  }

  /** True or false, or {@code otherwise}. */
  public boolean bool(String name, boolean otherwise) {
    return find(name).map(JsonValue::asBool).orElse(otherwise);
  }

  /** An integer, or {@code otherwise}. */
  public int integer(String name, int min, int max, int otherwise) {
    return find(name).map(value -> value.asInt(min, max)).orElse(otherwise);
  }

  /** A number, or {@code otherwise}. */
  public double number(String name, double min, double max, double otherwise) {
    return find(name).map(value -> value.asNumber(min, max)).orElse(otherwise);
  }

  /** The items of an array, or none. */
  public List<JsonValue> list(String name) {
    return find(name).map(JsonValue::asList).orElse(List.of());
  }

  /** An object, or nothing. */
  public Optional<JsonObject> object(String name) {
    return find(name).map(JsonValue::asObject);
  }

  /** The fields as plain values. */
  public Map<String, Object> values() {
    Map<String, Object> values = new LinkedHashMap<>();
    map.forEach((name, value) -> values.put((String) name, value));
    return values;
  }
}
