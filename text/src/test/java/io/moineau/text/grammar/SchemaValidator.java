package io.moineau.text.grammar;

import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A plain validator of JSON Schema, as an oracle: it shares nothing with the grammar's compiler.
 */
final class SchemaValidator {
  private final Object root;

  private SchemaValidator(Object root) {
    this.root = root;
  }

  static boolean isValid(Object schema, Object value) {
    return new SchemaValidator(schema).valid(schema, value);
  }

  private boolean valid(Object schema, Object value) {
    if (schema instanceof Boolean truth) {
      return truth;
    }
    for (Map.Entry<?, ?> keyword : ((Map<?, ?>) schema).entrySet()) {
      if (!holds((String) keyword.getKey(), keyword.getValue(), (Map<?, ?>) schema, value)) {
        return false;
      }
    }
    return true;
  }

  private boolean holds(String keyword, Object k, Map<?, ?> schema, Object value) {
    return switch (keyword) {
      case "type" -> typeHolds(k, schema, value);
      case "enum" -> ((List<?>) k).stream().anyMatch(one -> equal(one, value));
      case "const" -> equal(k, value);
      case "$ref" -> valid(target((String) k), value);
      case "allOf" -> ((List<?>) k).stream().allMatch(s -> valid(s, value));
      case "anyOf" -> ((List<?>) k).stream().anyMatch(s -> valid(s, value));
      case "oneOf" -> ((List<?>) k).stream().filter(s -> valid(s, value)).count() == 1;
      case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf" ->
          !(value instanceof Number n) || numberHolds(keyword, k, schema, n);
      case "minLength", "maxLength", "pattern" ->
          !(value instanceof String s) || stringHolds(keyword, k, s);
      case "items", "prefixItems", "minItems", "maxItems" ->
          !(value instanceof List<?> list) || arrayHolds(keyword, k, schema, list);
      case "properties", "required", "additionalProperties", "patternProperties", "maxProperties" ->
          !(value instanceof Map<?, ?> map) || objectHolds(keyword, k, schema, map);
      default -> true;
    };
  }

  private Object target(String ref) {
    Object now = root;
    for (String step : ref.substring(1).split("/", -1)) {
      if (!step.isEmpty()) {
        now = ((Map<?, ?>) now).get(step.replace("~1", "/").replace("~0", "~"));
      }
    }
    return now;
  }

  private static boolean typeHolds(Object types, Map<?, ?> schema, Object value) {
    if (value == null && Boolean.TRUE.equals(schema.get("nullable"))) {
      return true;
    }
    return types instanceof List<?> list
        ? list.stream().anyMatch(t -> isA((String) t, value))
        : isA((String) types, value);
  }

  private static boolean isA(String type, Object value) {
    return switch (type) {
      case "object" -> value instanceof Map;
      case "array" -> value instanceof List;
      case "string" -> value instanceof String;
      case "number" -> value instanceof Number;
      case "integer" ->
          value instanceof Number n
              && new BigDecimal(n.toString()).stripTrailingZeros().scale() <= 0;
      case "boolean" -> value instanceof Boolean;
      default -> value == null;
    };
  }

  private static boolean equal(Object x, Object y) {
    if (x instanceof Number a && y instanceof Number b) {
      return new BigDecimal(a.toString()).compareTo(new BigDecimal(b.toString())) == 0;
    }
    return x == null ? y == null : x.equals(y);
  }

  private static boolean numberHolds(String keyword, Object k, Map<?, ?> schema, Number value) {
    if (k instanceof Boolean) {
      return true; // draft 4: looked at with the bound
    }
    BigDecimal bound = new BigDecimal(k.toString());
    BigDecimal number = new BigDecimal(value.toString());
    int c = number.compareTo(bound);
    return switch (keyword) {
      case "minimum" -> c > 0 || (c == 0 && schema.get("exclusiveMinimum") != Boolean.TRUE);
      case "maximum" -> c < 0 || (c == 0 && schema.get("exclusiveMaximum") != Boolean.TRUE);
      case "exclusiveMinimum" -> c > 0;
      case "exclusiveMaximum" -> c < 0;
      default -> number.remainder(bound).signum() == 0;
    };
  }

  private static boolean stringHolds(String keyword, Object k, String value) {
    return switch (keyword) {
      case "minLength" -> value.codePointCount(0, value.length()) >= ((Number) k).intValue();
      case "maxLength" -> value.codePointCount(0, value.length()) <= ((Number) k).intValue();
      default -> Pattern.compile((String) k).matcher(value).find();
    };
  }

  private boolean arrayHolds(String keyword, Object k, Map<?, ?> schema, List<?> value) {
    int first = schema.get("prefixItems") instanceof List<?> prefix ? prefix.size() : 0;
    switch (keyword) {
      case "minItems" -> {
        return value.size() >= ((Number) k).intValue();
      }
      case "maxItems" -> {
        return value.size() <= ((Number) k).intValue();
      }
      case "prefixItems" -> {
        for (int i = 0; i < Math.min(first, value.size()); i++) {
          if (!valid(((List<?>) k).get(i), value.get(i))) {
            return false;
          }
        }
        return true;
      }
      default -> {
        return value.stream().skip(first).allMatch(item -> valid(k, item));
      }
    }
  }

  private boolean objectHolds(String keyword, Object k, Map<?, ?> schema, Map<?, ?> value) {
    return switch (keyword) {
      case "required" -> value.keySet().containsAll((List<?>) k);
      case "maxProperties" -> value.size() <= ((Number) k).intValue();
      case "properties" ->
          ((Map<?, ?>) k)
              .entrySet().stream()
                  .allMatch(e ->
                      !value.containsKey(e.getKey()) || valid(e.getValue(), value.get(e.getKey())));
      case "patternProperties" ->
          ((Map<?, ?>) k)
              .entrySet().stream()
                  .allMatch(e ->
                      value.entrySet().stream()
                          .filter(v -> found((String) e.getKey(), v.getKey()))
                          .allMatch(v -> valid(e.getValue(), v.getValue())));
      default ->
          value.entrySet().stream()
              .filter(e -> !isKnown(schema, (String) e.getKey()))
              .allMatch(e -> valid(k, e.getValue()));
    };
  }

  private static boolean found(String pattern, Object name) {
    return Pattern.compile(pattern).matcher((String) name).find();
  }

  private static boolean isKnown(Map<?, ?> schema, String name) {
    return (schema.get("properties") instanceof Map<?, ?> known && known.containsKey(name))
        || (schema.get("patternProperties") instanceof Map<?, ?> patterns
            && patterns.keySet().stream().anyMatch(p -> found((String) p, name)));
  }
}
