package io.moineau.server.json;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A value of a request and where it stands. Reading it as something that it is not throws a {@link
 * JsonException} {@code json-wrong-type} or {@code json-out-of-range} that names the path.
 *
 * @param value as {@link Json} gives it; null for JSON's null
 * @param path such as {@code messages[0].content}; empty for the whole
 */
public record JsonValue(@Nullable Object value, String path) {
  /**
   * Reads a whole text.
   *
   * @throws JsonException {@code json-malformed} with the position
   */
  public static JsonValue parse(byte[] bytes) {
    if (bytes.length == 0) {
      throw new JsonException(
          "json-malformed",
          "",
          "the body of the request is empty",
          "",
          "a JSON object",
          "send one");
    }
    try {
      return new JsonValue(Json.parse(bytes), "");
    } catch (TextException e) {
      throw new JsonException(
          "json-malformed",
          "",
          "the body of the request is not JSON",
          place(e.where()),
          e.allowed(),
          "correct the JSON; Content-Type is application/json, in UTF-8");
    }
  }

  /** Line and column and the first words; the parser's own notes on its source say nothing here. */
  private static String place(String where) {
    String place = where.lines().findFirst().orElse("");
    int note = place.indexOf(" (");
    String plain = note < 0 ? place : place.substring(0, note);
    return plain.startsWith("bytes") ? "body" + plain.substring("bytes".length()) : plain;
  }

  /** Whether it is JSON's null. */
  public boolean isNull() {
    return value == null;
  }

  /** Whether it is a string. */
  public boolean isString() {
    return value instanceof String;
  }

  /** Whether it is an array. */
  public boolean isList() {
    return value instanceof List<?>;
  }

  /** Whether it is an object. */
  public boolean isObject() {
    return value instanceof Map<?, ?>;
  }

  /** Whether it is a number with neither point nor exponent. */
  public boolean isInteger() {
    return value instanceof Long;
  }

  /** Whether it is true or false. */
  public boolean isBool() {
    return value instanceof Boolean;
  }

  /** As a string. */
  public String asString() {
    if (value instanceof String text) {
      return text;
    }
    throw wrongType("a string");
  }

  /** As one of these words. */
  public String asWord(String... words) {
    String text = asString();
    for (String word : words) {
      if (word.equals(text)) {
        return text;
      }
    }
    throw outOfRange(Json.write(text), String.join(", ", words));
  }

  /** As true or false. */
  public boolean asBool() {
    if (value instanceof Boolean bool) {
      return bool;
    }
    throw wrongType("true or false");
  }

  /** As an integer from {@code min} to {@code max}. */
  public int asInt(int min, int max) {
    return (int) asLong(min, max);
  }

  /** As an integer from {@code min} to {@code max}; {@code 3.0} is one. */
  public long asLong(long min, long max) {
    long number =
        switch (value) {
          case Long integer -> integer;
          case Double real when real == Math.rint(real) && Math.abs(real) < 1L << 53 ->
              real.longValue();
          case BigInteger big -> throw outOfRange(shortened(big.toString()), min + " to " + max);
          case null, default -> throw wrongType("an integer");
        };
    if (number < min || number > max) {
      throw outOfRange(Long.toString(number), min + " to " + max);
    }
    return number;
  }

  /** As a number from {@code min} to {@code max}. */
  public double asNumber(double min, double max) {
    if (!(value instanceof Number number)) {
      throw wrongType("a number");
    }
    double real = number.doubleValue();
    if (!(real >= min && real <= max)) {
      throw outOfRange(shortened(number.toString()), plain(min) + " to " + plain(max));
    }
    return real;
  }

  private static String plain(double number) {
    return number == Math.rint(number) && Math.abs(number) < 1e15
        ? Long.toString((long) number)
        : Double.toString(number);
  }

  /** As an object. */
  public JsonObject asObject() {
    if (value instanceof Map<?, ?> map) {
      return new JsonObject(map, path);
    }
    throw wrongType("an object");
  }

  /** As an array. */
  public List<JsonValue> asList() {
    if (!(value instanceof List<?> list)) {
      throw wrongType("an array");
    }
    List<JsonValue> values = new ArrayList<>(list.size());
    for (int i = 0; i < list.size(); i++) {
      values.add(new JsonValue(list.get(i), path + "[" + i + "]"));
    }
    return values;
  }

  /** As a string, or as an array of strings. */
  public List<String> asStrings() {
    return isString() ? List.of(asString()) : asList().stream().map(JsonValue::asString).toList();
  }

  /** That it is not of the type that it must be of. */
  public JsonException wrongType(String allowed) {
    return new JsonException(
        "json-wrong-type", path, "a field has the wrong type", at() + " is " + type(), allowed, "");
  }

  /** That it is of the right type and not one of the values that are allowed. */
  public JsonException outOfRange(String shown, String allowed) {
    return new JsonException(
        "json-out-of-range", path, "a field is out of range", at() + " is " + shown, allowed, "");
  }

  private String at() {
    return path.isEmpty() ? "the body" : path;
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "...";
  }

  private String type() {
    return switch (value) {
      case null -> "null";
      case String text -> "a string";
      case Boolean bool -> bool.toString();
      case List<?> list -> "an array";
      case Map<?, ?> map -> "an object";
      default -> "the number " + shortened(value.toString());
    };
  }
}
