package io.moineau.text.grammar;

import io.moineau.text.Json;
import io.moineau.text.TextException;
import io.moineau.text.grammar.Expr.Rule;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The values that keep to several parts of schemas, type by type. */
final class SchemaValues {
  private final JsonSchemaCompiler compiler;
  private final List<SchemaPart> parts;
  private final JsonRules json;

  SchemaValues(JsonSchemaCompiler compiler, List<SchemaPart> parts) {
    this.compiler = compiler;
    this.parts = parts;
    this.json = compiler.json();
  }

  /** All of them; {@link JsonSchemaCompiler#NOTHING} if there are none. */
  Expr expr() {
    List<@Nullable Object> values = SchemaDisjoint.values(parts);
    if (values != null) {
      return enumerated(values);
    }
    Set<String> types = JsonSchemaCompiler.types(parts);
    List<Expr> options = new ArrayList<>();
    for (String type : types) {
      if (!(type.equals("integer") && types.contains("number"))) {
        options.add(ofType(type));
      }
    }
    options.removeIf(o -> o == JsonSchemaCompiler.NOTHING);
    return options.isEmpty() ? JsonSchemaCompiler.NOTHING : Expr.choice(options);
  }

  private Expr ofType(String type) {
    return switch (type) {
      case "object" -> new SchemaObjects(compiler, parts).expr();
      case "array" -> new SchemaArrays(compiler, parts).expr();
      case "string" -> string();
      case "number" -> number(false);
      case "integer" -> number(true);
      case "boolean" -> Expr.choice(Expr.text("true"), Expr.text("false"));
      default -> Expr.text("null");
    };
  }

  private Expr enumerated(List<@Nullable Object> values) {
    Set<String> types = null;
    for (SchemaPart part : parts) {
      if (part.has("type")) {
        types = JsonSchemaCompiler.types(parts.stream().filter(p -> p.has("type")).toList());
      }
    }
    List<Expr> options = new ArrayList<>();
    List<String> scalars = new ArrayList<>();
    for (Object value : values) {
      if ((types == null || isOf(value, types)) && keeps(value)) {
        if (value instanceof List<?> || value instanceof Map<?, ?>) {
          options.add(json.literal(value));
        } else {
          scalars.add(Json.write(value));
        }
      }
    }
    if (!scalars.isEmpty()) {
      options.add(TextChoice.of(scalars));
    }
    return options.isEmpty() ? JsonSchemaCompiler.NOTHING : Expr.choice(options);
  }

  private static boolean isOf(@Nullable Object value, Set<String> types) {
    return switch (value) {
      case null -> types.contains("null");
      case Boolean b -> types.contains("boolean");
      case String s -> types.contains("string");
      case List<?> l -> types.contains("array");
      case Map<?, ?> m -> types.contains("object");
      case Number n ->
          types.contains("number")
              || (types.contains("integer")
                  && new BigDecimal(n.toString()).stripTrailingZeros().scale() <= 0);
      default -> false;
    };
  }

  /** Whether a listed value keeps to the other keywords about its type. */
  private boolean keeps(@Nullable Object value) {
    Set<String> about =
        switch (value) {
          case String s -> JsonSchemaCompiler.STRING;
          case Number n -> JsonSchemaCompiler.NUMBER;
          case List<?> l -> JsonSchemaCompiler.ARRAY;
          case Map<?, ?> m -> JsonSchemaCompiler.OBJECT;
          case null, default -> Set.of();
        };
    List<SchemaPart> others = new ArrayList<>();
    for (SchemaPart part : parts) {
      Map<String, @Nullable Object> kept = new HashMap<>();
      for (Map.Entry<?, ?> entry : part.keywords().entrySet()) {
        if (about.contains(String.valueOf(entry.getKey()))) {
          kept.put(String.valueOf(entry.getKey()), entry.getValue());
        }
      }
      if (!kept.isEmpty()) {
        others.add(new SchemaPart(kept, part.pointer()));
        if (value instanceof List<?> || value instanceof Map<?, ?>) {
          throw part.refused(
              kept.keySet().iterator().next(),
              "enum and const of arrays and objects stand alone",
              "list the values only");
        }
      }
    }
    if (others.isEmpty()) {
      return true;
    }
    String type = value instanceof String ? "string" : "number";
    Expr expr = new SchemaValues(compiler, others).ofType(type);
    if (expr == JsonSchemaCompiler.NOTHING) {
      return false;
    }
    StateTable table = new StateTable(AutomatonBuilder.build(new Rule("enum", expr), List.of()));
    byte[] text = Json.write(value).getBytes(StandardCharsets.UTF_8);
    return table.next(table.start, text).ends;
  }

  private Expr number(boolean integer) {
    BigDecimal low = null;
    BigDecimal high = null;
    boolean lowExcluded = false;
    boolean highExcluded = false;
    BigDecimal multipleOf = null;
    String where = "";
    for (SchemaPart part : parts) {
      for (String keyword : List.of("minimum", "exclusiveMinimum")) {
        boolean flag = part.get(keyword) instanceof Boolean; // draft 4
        BigDecimal own = flag ? null : part.number(keyword);
        boolean excluded = keyword.startsWith("ex") || part.get("exclusiveMinimum") == Boolean.TRUE;
        if (own != null && (low == null || own.compareTo(low) >= 0)) {
          lowExcluded = excluded || (lowExcluded && own.compareTo(low) == 0);
          low = own;
          where = part.at(keyword);
        }
      }
      for (String keyword : List.of("maximum", "exclusiveMaximum")) {
        boolean flag = part.get(keyword) instanceof Boolean;
        BigDecimal own = flag ? null : part.number(keyword);
        boolean excluded = keyword.startsWith("ex") || part.get("exclusiveMaximum") == Boolean.TRUE;
        if (own != null && (high == null || own.compareTo(high) <= 0)) {
          highExcluded = excluded || (highExcluded && own.compareTo(high) == 0);
          high = own;
          where = part.at(keyword);
        }
      }
      BigDecimal multiple = part.number("multipleOf");
      if (multiple != null) {
        if (multiple.signum() <= 0) {
          throw part.malformed("multipleOf", "a number greater than 0");
        }
        multipleOf = multipleOf == null ? multiple : commonMultiple(multipleOf, multiple);
        where = part.at("multipleOf");
      }
    }
    NumberRules.Bounds bounds =
        new NumberRules.Bounds(integer, low, lowExcluded, high, highExcluded, multipleOf);
    if (bounds.isFree()) {
      return Expr.call(integer ? json.integer() : json.number());
    }
    try {
      Expr found = NumberRules.of(bounds);
      return found instanceof Expr.Choice none && none.options().isEmpty()
          ? JsonSchemaCompiler.NOTHING
          : found;
    } catch (TextException e) {
      throw GrammarErrors.schema(
          "bounds of a number cannot be kept to: " + e.getMessage(), where, "smaller numbers", "");
    }
  }

  private static BigDecimal commonMultiple(BigDecimal x, BigDecimal y) {
    int scale = Math.max(0, Math.max(x.scale(), y.scale()));
    java.math.BigInteger a = x.setScale(scale).unscaledValue();
    java.math.BigInteger b = y.setScale(scale).unscaledValue();
    return new BigDecimal(a.divide(a.gcd(b)).multiply(b), scale);
  }

  private Expr string() {
    List<Regex> all = new ArrayList<>();
    int min = 0;
    int max = Expr.UNBOUNDED;
    String where = "";
    for (SchemaPart part : parts) {
      min = Math.max(min, part.count("minLength"));
      int most = part.count("maxLength");
      max = most < 0 ? max : max < 0 ? most : Math.min(max, most);
      if (part.has("pattern")) {
        where = part.at("pattern");
        all.add(pattern(part));
      }
      String format = part.text("format");
      if (format != null) {
        where = part.at("format");
        Regex found = StringFormats.find(format);
        if (found == null) {
          throw GrammarErrors.schema(
              "the format " + format + " cannot be kept to",
              where,
              StringFormats.names(),
              "use a pattern, or take it away and check it when the answer is there");
        }
        all.add(found);
      }
    }
    if (max != Expr.UNBOUNDED && max < min) {
      return JsonSchemaCompiler.NOTHING;
    }
    boolean anyLength = min == 0 && max == Expr.UNBOUNDED;
    if (all.isEmpty()) {
      return anyLength
          ? Expr.call(json.string())
          : quoted(Expr.repeat(json.anyCharacter(), min, max));
    }
    if (anyLength && all.size() == 1) {
      return quoted(Regex.expr(all.getFirst(), JsonRules::written));
    }
    if (!anyLength) {
      all.add(new Regex.Repeat(new Regex.Chars(CodePoints.ALL), min, max));
    }
    return quoted(joined(all, List.of(), where));
  }

  static Regex pattern(SchemaPart part) {
    String pattern = part.text("pattern");
    return search(pattern == null ? "" : pattern, part.at("pattern"));
  }

  static Regex search(String pattern, String pointer) {
    try {
      return RegexParser.search(pattern);
    } catch (TextException e) {
      throw GrammarErrors.schema(
          "a pattern cannot be kept to: " + e.getMessage(),
          pointer,
          "regular expressions without look-around and back references",
          "");
    }
  }

  static Expr joined(List<Regex> include, List<Regex> exclude, String pointer) {
    try {
      Expr found = Languages.of(include, exclude, JsonRules::written);
      return found instanceof Expr.Choice none && none.options().isEmpty()
          ? JsonSchemaCompiler.NOTHING
          : found;
    } catch (TextException e) {
      throw GrammarErrors.schema(
          "a string cannot keep to all that is said of it: " + e.getMessage(),
          pointer,
          "smaller lengths, or fewer patterns at once",
          "");
    }
  }

  static Expr quoted(Expr inside) {
    return inside == JsonSchemaCompiler.NOTHING
        ? inside
        : Expr.sequence(Expr.text("\""), inside, Expr.text("\""));
  }
}
