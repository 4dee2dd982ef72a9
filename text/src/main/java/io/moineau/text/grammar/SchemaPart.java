package io.moineau.text.grammar;

import java.math.BigDecimal;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One schema of several that hold at once, with where it stands.
 *
 * @param keywords of the schema
 * @param pointer JSON pointer to it, "" for the root
 */
record SchemaPart(Map<?, ?> keywords, String pointer) {
  /** A schema inside a schema: a map or a boolean. */
  record Located(Object schema, String pointer) {}

  private static final Set<String> TYPES =
      Set.of("object", "array", "string", "number", "integer", "boolean", "null");

  boolean has(String keyword) {
    return keywords.containsKey(keyword);
  }

  @Nullable Object get(String keyword) {
    return keywords.get(keyword);
  }

  String at(String keyword) {
    return pointer + "/" + escaped(keyword);
  }

  static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  RuntimeException malformed(String keyword, String allowed) {
    return GrammarErrors.schema(
        "the keyword " + keyword + " has a value of a wrong kind", at(keyword), allowed, "");
  }

  RuntimeException refused(String keyword, String allowed, String action) {
    return GrammarErrors.schema(
        "the keyword " + keyword + " cannot be kept to", at(keyword), allowed, action);
  }

  Map<?, ?> map(String keyword) {
    Object value = get(keyword);
    if (value == null && !has(keyword)) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw malformed(keyword, "an object");
  }

  List<?> list(String keyword) {
    Object value = get(keyword);
    if (value instanceof List<?> list) {
      return list;
    }
    throw malformed(keyword, "an array");
  }

  Located schema(String keyword) {
    return located(get(keyword), at(keyword), keyword);
  }

  Located located(@Nullable Object value, String at, String keyword) {
    if (value instanceof Map<?, ?> || value instanceof Boolean) {
      return new Located(value, at);
    }
    throw malformed(keyword, "a schema: an object, true or false");
  }

  /** A number that counts something; -1 if it is not there. */
  int count(String keyword) {
    if (!has(keyword)) {
      return -1;
    }
    BigDecimal value = number(keyword);
    if (value == null || value.signum() < 0 || value.stripTrailingZeros().scale() > 0) {
      throw malformed(keyword, "a whole number from 0");
    }
    return value.min(BigDecimal.valueOf(Integer.MAX_VALUE)).intValue();
  }

  @Nullable BigDecimal number(String keyword) {
    if (!has(keyword)) {
      return null;
    }
    if (get(keyword) instanceof Number number) {
      return new BigDecimal(number.toString());
    }
    throw malformed(keyword, "a number");
  }

  @Nullable String text(String keyword) {
    if (!has(keyword)) {
      return null;
    }
    if (get(keyword) instanceof String text) {
      return text;
    }
    throw malformed(keyword, "a string");
  }

  boolean isTrue(String keyword) {
    if (!has(keyword)) {
      return false;
    }
    if (get(keyword) instanceof Boolean truth) {
      return truth;
    }
    throw malformed(keyword, "true or false");
  }

  /** Types that it allows; null if it does not say. */
  @Nullable Set<String> types() {
    if (!has("type")) {
      return null;
    }
    Object value = get("type");
    Set<String> out = new LinkedHashSet<>();
    for (Object one : value instanceof List<?> list ? list : List.of(String.valueOf(value))) {
      if (!(one instanceof String name) || !TYPES.contains(name)) {
        throw malformed(
            "type", "one or several of " + String.join(", ", TYPES.stream().sorted().toList()));
      }
      out.add(name);
    }
    if (isTrue("nullable")) {
      out.add("null");
    }
    return out;
  }
}
