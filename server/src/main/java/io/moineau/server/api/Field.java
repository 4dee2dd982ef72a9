package io.moineau.server.api;

import io.moineau.server.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field of a request's body: what is made of it. From these tables come the checks, the
 * documentation and the OpenAPI description.
 *
 * @param name as the API has it
 * @param type in a few words of JSON Schema, such as {@code string} or {@code array of string}
 * @param support what is made of it
 * @param note what it does, or why it is not supported
 * @param neutral values of a refused field that change nothing and are let through; null always is
 */
public record Field(String name, String type, Support support, String note, List<Object> neutral) {
  /** What is made of a field. */
  public enum Support {
    /** It does what the API says. */
    SUPPORTED,
    /** It is accepted and has no effect on the answer. */
    IGNORED,
    /** It would change the answer and is not supported: the request is refused by its name. */
    REFUSED
  }

  /** Copies the list. */
  public Field {
    neutral = List.copyOf(neutral);
  }

  /** A field that does what the API says. */
  public static Field supported(String name, String type, String note) {
    return new Field(name, type, Support.SUPPORTED, note, List.of());
  }

  /** A field without effect on the answer. */
  public static Field ignored(String name, String type, String note) {
    return new Field(name, type, Support.IGNORED, note, List.of());
  }

  /** A field that is refused, but for these values. */
  public static Field refused(String name, String type, String note, Object... neutral) {
    return new Field(name, type, Support.REFUSED, note, List.of(neutral));
  }

  /**
   * Checks the names of an object against a table.
   *
   * @param lenient whether names that are not in the table are let through
   * @throws ApiException 400 {@code unsupported_parameter}, {@code unknown_parameter}
   */
  public static void check(JsonObject object, List<Field> fields, boolean lenient) {
    for (String name : object.names()) {
      if (!object.has(name)) {
        continue;
      }
      Field field = null;
      for (Field candidate : fields) {
        if (candidate.name.equals(name)) {
          field = candidate;
          break;
        }
      }
      if (field == null) {
        if (!lenient) {
          throw ApiException.unknownParameter(object.path(name));
        }
      } else if (field.support == Support.REFUSED
          && !field.neutral.contains(plain(object.get(name).value()))) {
        throw ApiException.unsupportedParameter(object.path(name), field.note);
      }
    }
  }

  /** Numbers as the tables have them: whole ones as Long. */
  private static Object plain(@Nullable Object value) {
    if (value instanceof Double real && real == Math.rint(real)) {
      return real.longValue();
    }
    return value == null ? "" : value;
  }
}
