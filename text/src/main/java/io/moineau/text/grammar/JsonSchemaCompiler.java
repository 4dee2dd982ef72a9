package io.moineau.text.grammar;

import io.moineau.text.TextException;
import io.moineau.text.grammar.Expr.Rule;
import io.moineau.text.grammar.SchemaPart.Located;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * JSON Schema (2020-12, and what older drafts and OpenAPI write in its place) as a grammar.
 *
 * <p>Everything that holds of one value is brought together first: a schema, what it refers to, and
 * all of {@code allOf}. Alternatives are multiplied out. What is then left says which values of
 * each type there may be. Where the grammar allows less than the schema (properties in order; none
 * that the schema does not name) each text is still valid; a keyword that could not be kept to is
 * refused.
 */
final class JsonSchemaCompiler {
  /** What no value satisfies. */
  static final Expr NOTHING = new Expr.Choice(List.of());

  private static final int DEEPEST = 200;
  private static final int MOST_COMBINED = 20_000;
  private static final int MOST_ALTERNATIVES = 100;

  private static final Set<String> ANNOTATIONS =
      Set.of(
          "$schema",
          "$id",
          "id",
          "$comment",
          "$defs",
          "definitions",
          "$anchor",
          "title",
          "description",
          "default",
          "example",
          "examples",
          "deprecated",
          "readOnly",
          "writeOnly",
          "contentEncoding",
          "contentMediaType",
          "contentSchema",
          "discriminator",
          "externalDocs",
          "xml",
          "propertyOrdering",
          "nullable"); // which counts where there is a type
  private static final Set<String> STRUCTURE =
      Set.of("$ref", "allOf", "anyOf", "oneOf", "type", "enum", "const");
  static final Set<String> OBJECT =
      Set.of(
          "properties",
          "required",
          "additionalProperties",
          "patternProperties",
          "propertyNames",
          "minProperties",
          "maxProperties",
          "unevaluatedProperties");
  static final Set<String> ARRAY =
      Set.of(
          "items",
          "prefixItems",
          "additionalItems",
          "minItems",
          "maxItems",
          "uniqueItems",
          "unevaluatedItems");
  static final Set<String> STRING = Set.of("pattern", "format", "minLength", "maxLength");
  static final Set<String> NUMBER =
      Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");
  private static final List<String> ALL_TYPES =
      List.of("object", "array", "string", "number", "boolean", "null");

  private final Object root;
  private final JsonRules json = new JsonRules();
  private final Map<List<String>, Expr> known = new HashMap<>();
  private int combined;
  private int depth;

  /** Alternatives, of which one must hold. */
  private record Alternatives(List<Located> branches, boolean exclusive, String pointer) {}

  /** All that holds of one value. */
  private static final class Together {
    final List<SchemaPart> parts;
    final List<Alternatives> alternatives;
    final Set<String> taken; // alternatives of which a branch was taken
    boolean impossible;

    Together() {
      this(new ArrayList<>(), new ArrayList<>(), new HashSet<>());
    }

    private Together(List<SchemaPart> parts, List<Alternatives> alternatives, Set<String> taken) {
      this.parts = parts;
      this.alternatives = alternatives;
      this.taken = taken;
    }

    Together copy() {
      Together copy =
          new Together(new ArrayList<>(parts), new ArrayList<>(alternatives), new HashSet<>(taken));
      copy.impossible = impossible;
      return copy;
    }
  }

  private JsonSchemaCompiler(Object root) {
    this.root = root;
  }

  /**
   * The rule of a schema's values.
   *
   * @throws TextException {@code schema-unsupported} or {@code grammar-limit}
   */
  static Rule compile(@Nullable Object schema) {
    if (!(schema instanceof Map<?, ?>) && !(schema instanceof Boolean)) {
      throw GrammarErrors.schema("no schema", "", "an object, true or false", "");
    }
    Expr whole = new JsonSchemaCompiler(schema).compile(List.of(new Located(schema, "")));
    if (whole == NOTHING) {
      throw GrammarErrors.schema(
          "no value satisfies the schema", "", "a schema with a valid value", "");
    }
    Rule rule = new Rule("schema", whole);
    try {
      GrammarCheck.of(rule);
    } catch (TextException e) {
      throw GrammarErrors.schema(
          "the schema refers to itself without end: " + e.getMessage(),
          "",
          "recursion through a property or an item that may be left out",
          "");
    }
    return rule;
  }

  JsonRules json() {
    return json;
  }

  /** What keeps to all of several schemas; {@link #NOTHING} if there is no such value. */
  Expr compile(List<Located> schemas) {
    List<Located> targets = schemas.stream().map(this::withoutAlias).distinct().toList();
    List<String> key = targets.stream().map(Located::pointer).sorted().toList();
    Expr before = known.get(key);
    if (before != null) {
      return before;
    }
    if (++depth > DEEPEST) {
      throw GrammarErrors.limit("a schema is nested too deep", at(targets), "at most " + DEEPEST);
    }
    Rule rule = new Rule("value at " + at(targets), "");
    known.put(key, Expr.call(rule));
    Together together = new Together();
    targets.forEach(one -> flatten(one, together, new LinkedHashSet<>()));
    Expr body = body(together);
    depth--;
    rule.define(body);
    if (body == NOTHING) {
      known.put(key, NOTHING);
      return NOTHING;
    }
    return Expr.call(rule);
  }

  private static String at(List<Located> schemas) {
    return schemas.isEmpty() ? "any" : "#" + schemas.getFirst().pointer();
  }

  /** A schema that is nothing but a reference is what it refers to. */
  private Located withoutAlias(Located schema) {
    Located now = schema;
    Set<String> seen = new HashSet<>();
    while (now.schema() instanceof Map<?, ?> map
        && map.containsKey("$ref")
        && map.keySet().stream().allMatch(k -> k.equals("$ref") || ANNOTATIONS.contains(k))) {
      if (!seen.add(now.pointer())) {
        throw circular(now.pointer());
      }
      now = target(new SchemaPart(map, now.pointer()));
    }
    return now;
  }

  private static TextException circular(String pointer) {
    return GrammarErrors.schema(
        "a schema refers to itself and says nothing else", pointer, "a schema of its own", "");
  }

  private Located target(SchemaPart part) {
    String ref = part.text("$ref");
    if (ref == null || !ref.startsWith("#") || (ref.length() > 1 && ref.charAt(1) != '/')) {
      throw GrammarErrors.schema(
          "a reference that leads out of the schema: " + ref,
          part.at("$ref"),
          "# and JSON pointers such as #/$defs/name",
          "put the schema into $defs");
    }
    String pointer;
    try {
      pointer = URLDecoder.decode(ref.substring(1).replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw part.malformed("$ref", "a JSON pointer as a URI fragment");
    }
    Object now = root;
    for (String step : pointer.isEmpty() ? new String[0] : pointer.substring(1).split("/", -1)) {
      String name = step.replace("~1", "/").replace("~0", "~");
      Object next = null;
      if (now instanceof Map<?, ?> map) {
        next = map.get(name);
      } else if (now instanceof List<?> list && name.matches("\\d{1,6}")) {
        int index = Integer.parseInt(name);
        next = index < list.size() ? list.get(index) : null;
      }
      if (next == null) {
        throw GrammarErrors.schema(
            "a reference leads nowhere: " + ref, part.at("$ref"), "what the schema holds", "");
      }
      now = next;
    }
    return part.located(now, pointer, "$ref");
  }

  private void flatten(Located schema, Together out, Set<String> open) {
    if (schema.schema() instanceof Boolean truth) {
      out.impossible |= !truth;
      return;
    }
    SchemaPart part = new SchemaPart((Map<?, ?>) schema.schema(), schema.pointer());
    if (!open.add(schema.pointer())) {
      throw circular(schema.pointer());
    }
    checkKeywords(part);
    if (part.has("$ref")) {
      flatten(target(part), out, open);
    }
    if (part.has("allOf")) {
      branches(part, "allOf").forEach(one -> flatten(one, out, open));
    }
    for (String kind : List.of("anyOf", "oneOf")) {
      if (part.has(kind)) {
        List<Located> branches = branches(part, kind);
        out.alternatives.add(new Alternatives(branches, kind.equals("oneOf"), part.at(kind)));
      }
    }
    if (part.keywords().keySet().stream()
            .anyMatch(k -> !ANNOTATIONS.contains(k) && !isGrouping(k.toString()))
        && out.parts.stream().noneMatch(p -> p.pointer().equals(part.pointer()))) {
      out.parts.add(part);
    }
    open.remove(schema.pointer());
  }

  private static boolean isGrouping(String keyword) {
    return Set.of("$ref", "allOf", "anyOf", "oneOf").contains(keyword) || keyword.startsWith("x-");
  }

  private List<Located> branches(SchemaPart part, String keyword) {
    List<?> all = part.list(keyword);
    if (all.isEmpty()) {
      throw part.malformed(keyword, "one schema or more");
    }
    List<Located> out = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      out.add(part.located(all.get(i), part.at(keyword) + "/" + i, keyword));
    }
    return out;
  }

  private static void checkKeywords(SchemaPart part) {
    for (Object key : part.keywords().keySet()) {
      String keyword = String.valueOf(key);
      if (!ANNOTATIONS.contains(keyword)
          && !STRUCTURE.contains(keyword)
          && !OBJECT.contains(keyword)
          && !ARRAY.contains(keyword)
          && !STRING.contains(keyword)
          && !NUMBER.contains(keyword)
          && !keyword.startsWith("x-")) {
        throw part.refused(
            keyword,
            "the keywords that docs/design/grammar.md lists",
            "take it away, and check it when the answer is there");
      }
    }
  }

  private Expr body(Together together) {
    if (together.alternatives.size() > MOST_ALTERNATIVES || ++combined > MOST_COMBINED) {
      throw GrammarErrors.limit(
          "a schema has too many combinations of alternatives",
          "more than " + MOST_COMBINED,
          "fewer anyOf beside each other");
    }
    if (together.impossible) {
      return NOTHING;
    }
    if (together.alternatives.isEmpty()) {
      return new SchemaValues(this, together.parts).expr();
    }
    Alternatives first = together.alternatives.getFirst();
    if (!together.taken.add(first.pointer())) {
      throw circular(first.pointer());
    }
    if (first.exclusive()) {
      checkDisjoint(first);
    }
    boolean alone = together.parts.isEmpty() && together.alternatives.size() == 1;
    List<Expr> options = new ArrayList<>();
    for (Located branch : first.branches()) {
      if (alone) {
        options.add(compile(List.of(branch)));
        continue;
      }
      Together one = together.copy();
      one.alternatives.removeFirst();
      flatten(branch, one, new LinkedHashSet<>());
      options.add(body(one));
    }
    options.removeIf(o -> o == NOTHING);
    return options.isEmpty() ? NOTHING : Expr.choice(options.stream().distinct().toList());
  }

  /** Of oneOf exactly one may hold: that is as anyOf where no value can satisfy two branches. */
  private void checkDisjoint(Alternatives all) {
    for (int i = 0; i < all.branches().size(); i++) {
      for (int j = 0; j < i; j++) {
        Together one = new Together();
        Together other = new Together();
        flatten(all.branches().get(i), one, new LinkedHashSet<>());
        flatten(all.branches().get(j), other, new LinkedHashSet<>());
        if (!one.impossible
            && !other.impossible
            && !SchemaDisjoint.areDisjoint(one.parts, other.parts, this::partsOf)) {
          throw GrammarErrors.schema(
              "two branches of oneOf may hold of the same value",
              all.pointer() + ": branches " + j + " and " + i,
              "branches that differ by type, or by a const or enum of a required property",
              "use anyOf if either may hold");
        }
      }
    }
  }

  /** The parts of a schema as far as they are certain: without its alternatives. */
  private List<SchemaPart> partsOf(Located schema) {
    Together together = new Together();
    flatten(schema, together, new LinkedHashSet<>());
    return together.parts;
  }

  /** Types that several parts allow together; integer where one says integer. */
  static Set<String> types(List<SchemaPart> parts) {
    Set<String> now = null;
    for (SchemaPart part : parts) {
      Set<String> own = part.types();
      now = own == null ? now : now == null ? own : intersect(now, own);
    }
    return now == null ? meant(parts) : now;
  }

  private static Set<String> intersect(Set<String> x, Set<String> y) {
    Set<String> out = new LinkedHashSet<>();
    for (String type : x) {
      if (y.contains(type) || (type.equals("integer") && y.contains("number"))) {
        out.add(type);
      } else if (type.equals("number") && y.contains("integer")) {
        out.add("integer");
      }
    }
    return out;
  }

  /** Without a type: that which the keywords are about, or any. */
  private static Set<String> meant(List<SchemaPart> parts) {
    Set<String> out = new LinkedHashSet<>();
    for (SchemaPart part : parts) {
      for (Object keyword : part.keywords().keySet()) {
        String name = String.valueOf(keyword);
        if (OBJECT.contains(name)) {
          out.add("object");
        } else if (ARRAY.contains(name)) {
          out.add("array");
        } else if (STRING.contains(name)) {
          out.add("string");
        } else if (NUMBER.contains(name)) {
          out.add("number");
        }
      }
    }
    return out.isEmpty() ? new LinkedHashSet<>(ALL_TYPES) : out;
  }
}
