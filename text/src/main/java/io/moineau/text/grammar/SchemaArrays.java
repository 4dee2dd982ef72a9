package io.moineau.text.grammar;

import io.moineau.text.grammar.Expr.Rule;
import io.moineau.text.grammar.SchemaPart.Located;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Arrays that keep to several parts of schemas. */
final class SchemaArrays {
  private final JsonSchemaCompiler compiler;
  private final List<SchemaPart> parts;
  private final JsonRules json;
  private int min;
  private int max = Expr.UNBOUNDED;
  private int first; // items that have schemas of their own

  SchemaArrays(JsonSchemaCompiler compiler, List<SchemaPart> parts) {
    this.compiler = compiler;
    this.parts = parts;
    this.json = compiler.json();
  }

  Expr expr() {
    for (SchemaPart part : parts) {
      check(part);
      min = Math.max(min, part.count("minItems"));
      int most = part.count("maxItems");
      max = most < 0 ? max : max < 0 ? most : Math.min(max, most);
      first = Math.max(first, tuple(part).size());
    }
    Expr last = tail();
    if (last == JsonSchemaCompiler.NOTHING || last == Expr.EMPTY) {
      max = max < 0 ? first : Math.min(max, first);
    }
    Expr inside = from(0, last);
    return inside == JsonSchemaCompiler.NOTHING ? inside : json.braces("[", inside, "]");
  }

  private static void check(SchemaPart part) {
    if (part.isTrue("uniqueItems")) {
      throw part.refused(
          "uniqueItems",
          "false: what was written before cannot be remembered",
          "take it away, and check it when the answer is there");
    }
  }

  /** Schemas of single items; an old draft has them under items. */
  private static List<?> tuple(SchemaPart part) {
    if (part.has("prefixItems")) {
      return part.list("prefixItems");
    }
    return part.get("items") instanceof List<?> list ? list : List.of();
  }

  private static @Nullable Located rest(SchemaPart part) {
    if (part.get("items") instanceof List<?>) {
      return part.has("additionalItems") ? part.schema("additionalItems") : null;
    }
    return part.has("items") ? part.schema("items") : null;
  }

  /** Items behind those with schemas of their own; the empty text if the schema names none. */
  private Expr tail() {
    List<Located> schemas = new ArrayList<>();
    boolean free = first == 0;
    for (SchemaPart part : parts) {
      Located own = rest(part);
      free |= own != null;
      if (own != null) {
        schemas.add(own);
      }
    }
    return free ? compiler.compile(schemas) : Expr.EMPTY;
  }

  private Expr item(int index) {
    List<Located> schemas = new ArrayList<>();
    for (SchemaPart part : parts) {
      List<?> tuple = tuple(part);
      Located rest = rest(part);
      if (index < tuple.size()) {
        String keyword = part.has("prefixItems") ? "prefixItems" : "items";
        schemas.add(part.located(tuple.get(index), part.at(keyword) + "/" + index, keyword));
      } else if (rest != null) {
        schemas.add(rest);
      }
    }
    return compiler.compile(schemas);
  }

  /** What may follow when so many items are there; ends with its space if there are any. */
  private Expr from(int count, Expr last) {
    Expr end = count < min ? JsonSchemaCompiler.NOTHING : count == 0 ? Expr.EMPTY : json.space();
    if (count == max) {
      return end;
    }
    if (count >= first) {
      return uniform(count, last, end);
    }
    Expr item = item(count);
    Expr after =
        item == JsonSchemaCompiler.NOTHING ? JsonSchemaCompiler.NOTHING : from(count + 1, last);
    if (after == JsonSchemaCompiler.NOTHING) {
      return end;
    }
    Expr more =
        count == 0
            ? Expr.sequence(item, after)
            : Expr.sequence(json.comma(), item, Expr.call(new Rule("items-" + count, after)));
    return end == JsonSchemaCompiler.NOTHING ? more : Expr.choice(more, end);
  }

  private Expr uniform(int count, Expr item, Expr end) {
    if (item == JsonSchemaCompiler.NOTHING || item == Expr.EMPTY) {
      return end;
    }
    Expr next = Expr.sequence(json.comma(), item);
    if (count > 0) {
      int most = max < 0 ? max : max - count;
      return Expr.sequence(Expr.repeat(next, Math.max(0, min - count), most), json.space());
    }
    int most = max < 0 ? max : max - 1;
    Expr some = Expr.sequence(item, Expr.repeat(next, Math.max(0, min - 1), most), json.space());
    return min > 0 ? some : Expr.optional(some);
  }
}
