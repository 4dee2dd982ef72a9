package io.moineau.text.grammar;

import io.moineau.text.Json;
import io.moineau.text.grammar.Expr.Rule;
import io.moineau.text.grammar.SchemaPart.Located;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Objects that keep to several parts of schemas: the properties that they name in the order of the
 * schemas, then others if a schema says that there may be.
 */
final class SchemaObjects {
  private final JsonSchemaCompiler compiler;
  private final List<SchemaPart> parts;
  private final JsonRules json;
  private final Set<String> names = new LinkedHashSet<>();
  private final Set<String> required = new LinkedHashSet<>();
  private final List<Regex> nameRules = new ArrayList<>(); // all hold of every name

  /** A property with the grammar of its key and value. */
  private record Member(Expr expr, boolean required) {}

  SchemaObjects(JsonSchemaCompiler compiler, List<SchemaPart> parts) {
    this.compiler = compiler;
    this.parts = parts;
    this.json = compiler.json();
  }

  Expr expr() {
    for (SchemaPart part : parts) {
      part.map("properties").keySet().forEach(name -> names.add(String.valueOf(name)));
      if (part.has("required")) {
        for (Object name : part.list("required")) {
          if (!(name instanceof String text)) {
            throw part.malformed("required", "an array of strings");
          }
          required.add(text);
        }
      }
      if (part.get("unevaluatedProperties") instanceof Map<?, ?>) {
        throw part.refused("unevaluatedProperties", "true or false", "use additionalProperties");
      }
    }
    names.addAll(required);
    nameRules.addAll(new SchemaNames(parts).rules());
    List<Member> members = new ArrayList<>();
    for (String name : names) {
      boolean allowed = nameRules.stream().allMatch(rule -> Languages.matches(rule, name));
      Expr value = allowed ? compiler.compile(property(name)) : JsonSchemaCompiler.NOTHING;
      boolean needed = required.contains(name);
      if (value == JsonSchemaCompiler.NOTHING) {
        if (needed) {
          return value;
        }
        continue;
      }
      Expr key = Expr.text(Json.write(name));
      Rule rule = new Rule("property " + name, JsonRules.member(key, value));
      members.add(new Member(Expr.call(rule), needed));
    }
    return assemble(members, others());
  }

  /** All that the parts say of a property. */
  private List<Located> property(String name) {
    List<Located> out = new ArrayList<>();
    for (SchemaPart part : parts) {
      boolean found = false;
      Map<?, ?> properties = part.map("properties");
      if (properties.containsKey(name)) {
        found = true;
        out.add(
            part.located(
                properties.get(name),
                part.at("properties") + "/" + SchemaPart.escaped(name),
                "properties"));
      }
      for (Map.Entry<String, Located> pattern : patterns(part).entrySet()) {
        if (Languages.matches(search(pattern), name)) {
          found = true;
          out.add(pattern.getValue());
        }
      }
      if (!found && part.has("additionalProperties")) {
        out.add(part.schema("additionalProperties"));
      }
    }
    return out;
  }

  private static Map<String, Located> patterns(SchemaPart part) {
    Map<String, Located> out = new LinkedHashMap<>();
    part.map("patternProperties")
        .forEach((pattern, schema) -> {
          String at =
              part.at("patternProperties") + "/" + SchemaPart.escaped(String.valueOf(pattern));
          out.put(String.valueOf(pattern), part.located(schema, at, "patternProperties"));
        });
    return out;
  }

  private static Regex search(Map.Entry<String, Located> pattern) {
    return SchemaValues.search(pattern.getKey(), pattern.getValue().pointer());
  }

  /** A member whose name the schemas do not give, {@link JsonSchemaCompiler#NOTHING} for none. */
  private Expr others() {
    List<SchemaPart> patterned =
        parts.stream().filter(p -> !p.map("patternProperties").isEmpty()).toList();
    if (patterned.size() > 1) {
      throw patterned
          .get(1)
          .refused("patternProperties", "at one place of what is joined by allOf", "join both");
    }
    List<Expr> options = new ArrayList<>();
    for (SchemaPart part : patterned) {
      patternMembers(part, options);
    }
    boolean open =
        parts.stream().anyMatch(p -> p.has("additionalProperties"))
            || parts.stream().noneMatch(SchemaObjects::saysWhich);
    if (open && parts.stream().noneMatch(SchemaObjects::isClosed)) {
      List<Regex> exclude = new ArrayList<>();
      patterned.forEach(p -> patterns(p).entrySet().forEach(e -> exclude.add(search(e))));
      addMember(options, List.of(Regex.ANYTHING), exclude, additional(parts));
    }
    return options.isEmpty() ? JsonSchemaCompiler.NOTHING : Expr.choice(options);
  }

  private static boolean saysWhich(SchemaPart part) {
    return part.has("properties") || part.has("required") || part.has("patternProperties");
  }

  private static boolean isClosed(SchemaPart part) {
    return part.get("additionalProperties") == Boolean.FALSE
        || part.get("unevaluatedProperties") == Boolean.FALSE;
  }

  private static List<Located> additional(List<SchemaPart> parts) {
    return parts.stream()
        .filter(p -> p.has("additionalProperties"))
        .map(p -> p.schema("additionalProperties"))
        .toList();
  }

  /** A name matches one pattern only, so that one schema says what its value is. */
  private void patternMembers(SchemaPart part, List<Expr> options) {
    List<SchemaPart> rest =
        parts.stream().filter(p -> !p.pointer().equals(part.pointer())).toList();
    if (rest.stream().anyMatch(SchemaObjects::isClosed)) {
      return;
    }
    for (Map.Entry<String, Located> pattern : patterns(part).entrySet()) {
      List<Regex> exclude = new ArrayList<>();
      for (Map.Entry<String, Located> other : patterns(part).entrySet()) {
        if (!other.getKey().equals(pattern.getKey())) {
          exclude.add(search(other));
        }
      }
      List<Located> schemas = new ArrayList<>(additional(rest));
      schemas.add(pattern.getValue());
      addMember(options, List.of(search(pattern)), exclude, schemas);
    }
  }

  private void addMember(
      List<Expr> options, List<Regex> include, List<Regex> exclude, List<Located> schemas) {
    Expr value = compiler.compile(schemas);
    if (value == JsonSchemaCompiler.NOTHING) {
      return;
    }
    Expr key;
    List<Regex> all = new ArrayList<>(include);
    all.addAll(nameRules);
    if (names.isEmpty() && exclude.isEmpty() && all.equals(List.of(Regex.ANYTHING))) {
      key = Expr.call(json.string());
    } else {
      List<Regex> without = new ArrayList<>(exclude);
      for (String name : names) {
        without.add(SchemaNames.exactly(name));
      }
      key = SchemaValues.quoted(SchemaValues.joined(all, without, parts.getFirst().pointer()));
    }
    if (key != JsonSchemaCompiler.NOTHING) {
      options.add(JsonRules.member(key, value));
    }
  }

  private Expr assemble(List<Member> members, Expr other) {
    int needed = (int) members.stream().filter(Member::required).count();
    boolean open = other != JsonSchemaCompiler.NOTHING;
    int most = Expr.UNBOUNDED; // others
    for (SchemaPart part : parts) {
      if (part.count("minProperties") > needed) {
        throw part.refused(
            "minProperties", "at most " + needed + ", the number of required ones", "use required");
      }
      int max = part.count("maxProperties");
      if (max >= 0 && max < needed) {
        return JsonSchemaCompiler.NOTHING;
      }
      if (max >= 0 && max < members.size() && needed < members.size()) {
        throw part.refused("maxProperties", "at least " + members.size(), "leave it out");
      }
      if (max >= 0) {
        int left = max - members.size();
        most = most < 0 ? left : Math.min(most, left);
      }
    }
    open &= most != 0;
    Expr rest =
        open
            ? Expr.sequence(Expr.repeat(Expr.sequence(json.comma(), other), 0, most), json.space())
            : json.space();
    Expr first =
        open
            ? Expr.optional(
                Expr.sequence(
                    other,
                    Expr.repeat(Expr.sequence(json.comma(), other), 0, most < 0 ? most : most - 1),
                    json.space()))
            : Expr.EMPTY;
    // From the last to the first: what may follow if something, and if nothing, came before.
    for (int i = members.size() - 1; i >= 0; i--) {
      Member member = members.get(i);
      Rule after = new Rule("members-" + (i + 1), rest);
      Expr more = Expr.sequence(json.comma(), member.expr(), Expr.call(after));
      Expr begin = Expr.sequence(member.expr(), Expr.call(after));
      rest = member.required() ? more : Expr.choice(more, Expr.call(after));
      first =
          member.required() ? begin : Expr.choice(begin, Expr.call(new Rule("first-" + i, first)));
    }
    return json.braces("{", first, "}");
  }
}
