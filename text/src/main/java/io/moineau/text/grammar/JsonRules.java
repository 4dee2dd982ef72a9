package io.moineau.text.grammar;

import io.moineau.text.Json;
import io.moineau.text.grammar.Expr.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * JSON without a schema, and the parts that schemas use: RFC 8259, narrowed where a model could go
 * on for ever (digits, white space) or write what is no text (half a surrogate pair).
 */
final class JsonRules {
  private static final int MOST_INDENT = 32;
  private static final int MOST_DIGITS = 19; // as many as 64 bits hold
  private static final int MOST_FRACTION = 20;

  private static final CodePoints ESCAPED =
      CodePoints.ofText("\"\\").union(CodePoints.range(0, 0x1F));
  private static final CodePoints HEX =
      new CodePoints.Builder().add('0', '9').add('a', 'f').add('A', 'F').build();
  private static final String SHORT_ESCAPES = "\b\t\n\f\r\"\\";
  private static final String SHORT_LETTERS = "btnfr\"\\";

  private final Rule space =
      new Rule(
          "space",
          Expr.choice(
              Expr.EMPTY,
              Expr.text(" "),
              Expr.sequence(Expr.text("\n"), Expr.repeat(Expr.chars(" \t"), 0, MOST_INDENT))));
  private final Rule character = new Rule("character", character());
  private final Rule string =
      new Rule(
          "string",
          Expr.sequence(Expr.text("\""), Expr.star(Expr.call(character)), Expr.text("\"")));
  private final Rule integer = new Rule("integer", integerExpr());
  private final Rule number = new Rule("number", numberExpr());
  private final Rule value = new Rule("value", "");
  private final Rule object = new Rule("object", "");
  private final Rule array = new Rule("array", "");

  JsonRules() {
    Expr member = member(Expr.call(string), Expr.call(value));
    object.define(braces("{", Expr.optional(list(member)), "}"));
    array.define(braces("[", Expr.optional(list(Expr.call(value))), "]"));
    value.define(
        Expr.choice(
            Expr.call(object),
            Expr.call(array),
            Expr.call(string),
            Expr.call(number),
            Expr.text("true"),
            Expr.text("false"),
            Expr.text("null")));
  }

  Rule value() {
    return value;
  }

  Rule object() {
    return object;
  }

  Rule array() {
    return array;
  }

  Rule string() {
    return string;
  }

  Rule number() {
    return number;
  }

  Rule integer() {
    return integer;
  }

  /** At most one space, or a line's end and an indent. */
  Expr space() {
    return Expr.call(space);
  }

  /** One item or more with commas between. */
  Expr list(Expr item) {
    return Expr.sequence(item, Expr.star(Expr.sequence(comma(), item)), space());
  }

  Expr comma() {
    return Expr.sequence(Expr.text(","), space());
  }

  /** What is inside ends with its own space, if it is anything. */
  Expr braces(String open, Expr inside, String close) {
    return Expr.sequence(Expr.text(open), space(), inside, Expr.text(close));
  }

  static Expr member(Expr key, Expr value) {
    return Expr.sequence(key, Expr.text(":"), Expr.optional(Expr.text(" ")), value);
  }

  /** A character of a string, escaped in any way that JSON has. */
  Expr anyCharacter() {
    return Expr.call(character);
  }

  private static Expr character() {
    Expr hex = new Expr.Chars(HEX);
    // \\uD800 to \\uDFFF are halves, which only make a character in pairs.
    CodePoints notD = HEX.minus(CodePoints.ofText("dD"));
    Expr single =
        Expr.choice(
            Expr.sequence(new Expr.Chars(notD), hex, hex, hex),
            Expr.sequence(Expr.chars("dD"), Expr.chars("01234567"), hex, hex));
    Expr pair =
        Expr.sequence(
            Expr.chars("dD"),
            Expr.chars("89abAB"),
            hex,
            hex,
            Expr.text("\\u"),
            Expr.chars("dD"),
            Expr.chars("cdefCDEF"),
            hex,
            hex);
    return Expr.choice(
        new Expr.Chars(ESCAPED.negate()),
        Expr.sequence(
            Expr.text("\\"),
            Expr.choice(
                Expr.chars("\"\\/bfnrt"),
                Expr.sequence(Expr.text("u"), Expr.choice(single, pair)))));
  }

  /** Characters of a set as they stand in a string: escaped only where they must be. */
  static Expr written(CodePoints set) {
    List<Expr> options = new ArrayList<>();
    CodePoints plain = set.minus(ESCAPED);
    if (!plain.isEmpty()) {
      options.add(new Expr.Chars(plain));
    }
    CodePoints escaped = set.intersect(ESCAPED);
    for (int i = 0; i < escaped.numRanges(); i++) {
      for (int c = escaped.first(i); c <= escaped.last(i); c++) {
        int at = SHORT_ESCAPES.indexOf(c);
        options.add(
            at >= 0
                ? Expr.text("\\" + SHORT_LETTERS.charAt(at))
                : Expr.text(String.format("\\u%04x", c)));
      }
    }
    return Expr.choice(options);
  }

  private static Expr digits(int min, int max) {
    return Expr.repeat(new Expr.Chars(CodePoints.range('0', '9')), min, max);
  }

  private static Expr integerExpr() {
    return Expr.sequence(
        Expr.optional(Expr.text("-")),
        Expr.choice(
            Expr.text("0"),
            Expr.sequence(new Expr.Chars(CodePoints.range('1', '9')), digits(0, MOST_DIGITS - 1))));
  }

  private Expr numberExpr() {
    return Expr.sequence(
        Expr.call(integer),
        Expr.optional(Expr.sequence(Expr.text("."), digits(1, MOST_FRACTION))),
        Expr.optional(
            Expr.sequence(Expr.chars("eE"), Expr.optional(Expr.chars("+-")), digits(1, 2))));
  }

  /** The JSON text of a value, with the usual freedom of space. */
  Expr literal(@Nullable Object constant) {
    if (constant instanceof Map<?, ?> map) {
      List<Expr> members = new ArrayList<>();
      map.forEach((key, inner) ->
          members.add(member(Expr.text(Json.write(String.valueOf(key))), literal(inner))));
      return braces("{", joined(members), "}");
    }
    if (constant instanceof List<?> items) {
      return braces("[", joined(items.stream().map(this::literal).toList()), "]");
    }
    return Expr.text(Json.write(constant));
  }

  private Expr joined(List<Expr> items) {
    if (items.isEmpty()) {
      return Expr.EMPTY;
    }
    List<Expr> parts = new ArrayList<>(List.of(items.getFirst()));
    for (Expr item : items.subList(1, items.size())) {
      parts.add(comma());
      parts.add(item);
    }
    parts.add(space());
    return new Expr.Sequence(parts);
  }
}
