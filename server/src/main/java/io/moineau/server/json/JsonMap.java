package io.moineau.server.json;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Objects of answers, their fields in the order that they are written in. */
public final class JsonMap {
  private JsonMap() {}

  /**
   * An object of these fields, which may be changed.
   *
   * @param namesAndValues a name and its value, then the next; a value may be null
   */
  @SuppressWarnings("NullAway") // JSON's null is part of the form
  public static Map<String, Object> of(@Nullable Object... namesAndValues) {
    if (namesAndValues.length % 2 != 0) {
      throw new IllegalArgumentException(namesAndValues.length + " names and values");
    }
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (!(namesAndValues[i] instanceof String name)) {
        throw new IllegalArgumentException("no name: " + namesAndValues[i]);
      }
      map.put(name, namesAndValues[i + 1]);
    }
    return map;
  }

  /** The same fields, and one more or another value of one. */
  @SuppressWarnings("NullAway")
  public static Map<String, Object> with(
      Map<String, Object> fields, String name, @Nullable Object value) {
    Map<String, Object> map = new LinkedHashMap<>(fields);
    map.put(name, value);
    return map;
  }
}
