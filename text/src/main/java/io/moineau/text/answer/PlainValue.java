package io.moineau.text.answer;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import io.moineau.text.answer.ParameterTypes.Type;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns a value that a model wrote without JSON's quotes into JSON. */
final class PlainValue {
  private PlainValue() {}

  /**
   * JSON text of a value: what the schema's types allow, read as JSON or as Python prints it (which
   * templates do, and models after them), else a string.
   *
   * @param types what it may be; empty for anything
   */
  static String json(String written, Set<Type> types) {
    String value = written.strip();
    boolean any = types.isEmpty();
    String lower = value.toLowerCase(Locale.ROOT);
    if ((any || types.contains(Type.BOOLEAN)) && (lower.equals("true") || lower.equals("false"))) {
      return lower;
    }
    if ((any || types.contains(Type.NULL)) && (lower.equals("null") || lower.equals("none"))) {
      return "null";
    }
    if (!value.isEmpty() && mayBe(value.charAt(0), types)) {
      if (isJson(value, types)) {
        return value;
      }
      String python = PythonLiteral.toJson(value);
      if (python != null && isJson(python, types)) {
        return python;
      }
    }
    return Json.write(written);
  }

  private static boolean mayBe(char first, Set<Type> types) {
    if (first == '"') { // quoted although it need not be: only where a string is not meant plainly
      return types.isEmpty();
    }
    return true;
  }

  private static boolean isJson(String text, Set<Type> types) {
    @Nullable Object value;
    try {
      value = Json.parse(text);
    } catch (TextException e) {
      return false;
    }
    return types.isEmpty() || types.contains(ParameterTypes.typeOf(value));
  }
}
