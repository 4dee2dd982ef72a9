package io.moineau.text.grammar;

import io.moineau.text.grammar.SchemaPart.Located;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Whether it is plain that no value satisfies two schemas. */
final class SchemaDisjoint {
  private SchemaDisjoint() {}

  /** By their types, their values, or a property that both require. */
  static boolean areDisjoint(
      List<SchemaPart> one, List<SchemaPart> other, Function<Located, List<SchemaPart>> parts) {
    return differByType(one, other)
        || differByValue(values(one), values(other))
        || differByProperty(one, other, parts);
  }

  private static boolean differByType(List<SchemaPart> one, List<SchemaPart> other) {
    Set<String> first = certainTypes(one);
    Set<String> second = certainTypes(other);
    return first != null && second != null && first.stream().noneMatch(second::contains);
  }

  /** Types, all numbers as one; null if none is said. */
  private static @Nullable Set<String> certainTypes(List<SchemaPart> parts) {
    List<SchemaPart> said = parts.stream().filter(p -> p.has("type")).toList();
    if (said.isEmpty()) {
      return null;
    }
    Set<String> out = new HashSet<>();
    for (String type : JsonSchemaCompiler.types(said)) {
      out.add(type.equals("integer") ? "number" : type);
    }
    return out;
  }

  /** The only values that parts allow; null if they do not list them. */
  static @Nullable List<@Nullable Object> values(List<SchemaPart> parts) {
    List<@Nullable Object> now = null;
    for (SchemaPart part : parts) {
      for (String keyword : List.of("enum", "const")) {
        if (!part.has(keyword)) {
          continue;
        }
        List<@Nullable Object> own = new ArrayList<>();
        if (keyword.equals("const")) {
          own.add(part.get("const"));
        } else {
          own.addAll(part.list("enum"));
        }
        if (now == null) {
          now = own;
        } else {
          now.removeIf(x -> own.stream().noneMatch(y -> same(x, y)));
        }
      }
    }
    return now;
  }

  private static boolean differByValue(
      @Nullable List<@Nullable Object> one, @Nullable List<@Nullable Object> other) {
    return one != null
        && other != null
        && one.stream().noneMatch(x -> other.stream().anyMatch(y -> same(x, y)));
  }

  /** Equality of JSON values: 1 and 1.0 are the same. */
  static boolean same(@Nullable Object x, @Nullable Object y) {
    if (x instanceof Number n && y instanceof Number m) {
      return new BigDecimal(n.toString()).compareTo(new BigDecimal(m.toString())) == 0;
    }
    if (x instanceof List<?> xs && y instanceof List<?> ys) {
      if (xs.size() != ys.size()) {
        return false;
      }
      for (int i = 0; i < xs.size(); i++) {
        if (!same(xs.get(i), ys.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (x instanceof Map<?, ?> xs && y instanceof Map<?, ?> ys) {
      return xs.size() == ys.size()
          && xs.entrySet().stream()
              .allMatch(e -> ys.containsKey(e.getKey()) && same(e.getValue(), ys.get(e.getKey())));
    }
    return x == null ? y == null : x.equals(y);
  }

  private static boolean differByProperty(
      List<SchemaPart> one, List<SchemaPart> other, Function<Located, List<SchemaPart>> parts) {
    for (String name : required(one)) {
      if (required(other).contains(name)
          && differByValue(
              values(property(one, name, parts)), values(property(other, name, parts)))) {
        return true;
      }
    }
    return false;
  }

  private static Set<String> required(List<SchemaPart> parts) {
    Set<String> out = new HashSet<>();
    for (SchemaPart part : parts) {
      if (part.has("required")) {
        part.list("required").forEach(name -> out.add(String.valueOf(name)));
      }
    }
    return out;
  }

  private static List<SchemaPart> property(
      List<SchemaPart> all, String name, Function<Located, List<SchemaPart>> parts) {
    List<SchemaPart> out = new ArrayList<>();
    for (SchemaPart part : all) {
      Object schema = part.map("properties").get(name);
      if (schema != null) {
        out.addAll(parts.apply(part.located(schema, part.at("properties"), "properties")));
      }
    }
    return out;
  }
}
