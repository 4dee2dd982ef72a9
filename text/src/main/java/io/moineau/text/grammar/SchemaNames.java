package io.moineau.text.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@code propertyNames} says of the names of an object's properties. */
final class SchemaNames {
  private static final Set<String> KEPT =
      Set.of("type", "pattern", "enum", "const", "minLength", "maxLength");

  private final List<SchemaPart> parts;

  SchemaNames(List<SchemaPart> parts) {
    this.parts = parts;
  }

  /**
   * Expressions that each name must match.
   *
   * @throws io.moineau.text.TextException {@code schema-unsupported}
   */
  List<Regex> rules() {
    List<Regex> out = new ArrayList<>();
    for (SchemaPart part : parts) {
      if (part.has("propertyNames") && part.get("propertyNames") != Boolean.TRUE) {
        if (!(part.schema("propertyNames").schema() instanceof Map<?, ?> map)) {
          throw refused(part, "propertyNames");
        }
        add(new SchemaPart(map, part.at("propertyNames")), out);
      }
    }
    return out;
  }

  private static void add(SchemaPart names, List<Regex> out) {
    for (Object key : names.keywords().keySet()) {
      if (!KEPT.contains(String.valueOf(key))) {
        throw refused(names, String.valueOf(key));
      }
    }
    Set<String> types = names.types();
    if (types != null && !types.contains("string")) {
      throw refused(names, "type");
    }
    if (names.has("pattern")) {
      out.add(SchemaValues.pattern(names));
    }
    int max = names.count("maxLength");
    if (max >= 0 || names.has("minLength")) {
      int min = Math.max(0, names.count("minLength"));
      out.add(new Regex.Repeat(new Regex.Chars(CodePoints.ALL), min, max));
    }
    List<?> values = SchemaDisjoint.values(List.of(names));
    if (values != null) {
      out.add(
          new Regex.Choice(
              values.stream()
                  .filter(String.class::isInstance)
                  .map(v -> exactly((String) v))
                  .toList()));
    }
  }

  /** The expression that one text matches. */
  static Regex exactly(String text) {
    return new Regex.Sequence(
        text.codePoints().<Regex>mapToObj(c -> new Regex.Chars(CodePoints.of(c))).toList());
  }

  private static RuntimeException refused(SchemaPart part, String keyword) {
    return part.refused(
        keyword,
        "names told by " + String.join(", ", KEPT.stream().sorted().toList()),
        "take it away, and check it when the answer is there");
  }
}
