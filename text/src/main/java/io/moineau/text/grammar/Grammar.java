package io.moineau.text.grammar;

import io.moineau.text.TextException;
import io.moineau.text.TokenConstraint;
import io.moineau.text.grammar.Expr.Rule;
import io.moineau.text.grammar.Expr.TokenName;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * A language that a text must belong to, from a schema, a regular expression or a grammar;
 * immutable, for any number of texts and threads. {@link #constraint} makes masks of it.
 *
 * <p>Reading and compiling may take milliseconds; a server does it before a request is queued.
 */
public final class Grammar {
  /** Masks of one vocabulary; text that is free up to one of the triggers, or none. */
  private record Use(GrammarVocabulary vocabulary, List<String> triggers) {}

  private final Rule root;
  private final ConcurrentMap<Use, MaskTable> masks = new ConcurrentHashMap<>();
  private @Nullable Automaton automaton; // null until needed

  private Grammar(Rule root) {
    this.root = root;
  }

  private static Grammar checked(Rule root) {
    Grammar grammar = new Grammar(root);
    grammar.automaton();
    return grammar;
  }

  /**
   * A grammar in llama.cpp's notation, GBNF, whose rule {@code root} is the whole text. A token of
   * the vocabulary is {@code <[id]>} or {@code <text>}, any other text token {@code !<[id]>}.
   *
   * @throws TextException {@code grammar-syntax} with line and column; {@code grammar-limit}
   */
  public static Grammar ofGbnf(String text) {
    return ofGbnf(text, Map.of());
  }

  /**
   * A grammar in GBNF that refers to rules which are schemas.
   *
   * @param schemas JSON Schemas by the names that the grammar has for them
   * @throws TextException also {@code schema-unsupported}
   */
  public static Grammar ofGbnf(String text, Map<String, ?> schemas) {
    Map<String, Rule> given = new HashMap<>();
    schemas.forEach((name, schema) -> given.put(name, JsonSchemaCompiler.compile(schema)));
    return checked(GbnfParser.parse(text, given));
  }

  /**
   * JSON that is valid against a schema, with properties in the schema's order and at most one
   * space, or a line's end and an indent, between tokens. See docs/design/grammar.md for keywords.
   *
   * @param schema a map or a boolean, as {@link io.moineau.text.Json} reads it
   * @throws TextException {@code schema-unsupported} with the JSON pointer and the keyword
   */
  public static Grammar ofJsonSchema(Object schema) {
    return checked(JsonSchemaCompiler.compile(schema));
  }

  /**
   * Text that a regular expression matches as a whole; the common part of ECMA-262, Java and
   * Python.
   *
   * @throws TextException {@code grammar-syntax} with the column; what is no regular language, such
   *     as back references and look-around, is refused by name
   */
  public static Grammar ofRegex(String pattern) {
    return checked(new Rule("regex", RegexParser.whole(pattern)));
  }

  /** Any JSON value. */
  public static Grammar ofJson() {
    return checked(new JsonRules().value());
  }

  /** Any JSON object. */
  public static Grammar ofJsonObject() {
    return checked(new JsonRules().object());
  }

  /** Exactly this text, in tokens that are no special ones. */
  public static Grammar text(String text) {
    return new Grammar(new Rule("text", Expr.text(text)));
  }

  /** One token of the vocabulary, by its text; the only way to a special one. */
  public static Grammar token(String text) {
    return new Grammar(new Rule("token", new Expr.Token(new TokenName(-1, text), false)));
  }

  /** Any text up to a marker, and the marker; neither holds special tokens. */
  public static Grammar until(String marker) {
    return new Grammar(FreeText.until(marker));
  }

  /** One after the other. */
  public static Grammar sequence(Grammar... parts) {
    return new Grammar(
        new Rule(
            "sequence", new Expr.Sequence(List.of(parts).stream().map(Grammar::call).toList())));
  }

  /** One of these. */
  public static Grammar choice(List<Grammar> options) {
    return new Grammar(
        new Rule("choice", Expr.choice(options.stream().map(Grammar::call).toList())));
  }

  /**
   * This, so many times.
   *
   * @param max -1 for no limit
   */
  public Grammar repeat(int min, int max) {
    if (min < 0 || (max != Expr.UNBOUNDED && max < min)) {
      throw new IllegalArgumentException("min must be 0 to max: min=" + min + ", max=" + max);
    }
    return new Grammar(new Rule("repeat", Expr.repeat(call(), min, max)));
  }

  private Expr call() {
    return Expr.call(root);
  }

  private synchronized Automaton automaton() {
    Automaton known = automaton;
    if (known == null) {
      known = AutomatonBuilder.build(root, List.of());
      automaton = known;
    }
    return known;
  }

  /**
   * Whether a whole text belongs to the language; a grammar that names tokens matches none here.
   */
  public boolean accepts(String text) {
    StateTable table = new StateTable(automaton());
    return table.next(table.start, text.getBytes(StandardCharsets.UTF_8)).ends;
  }

  /** About how many bytes are kept for its masks: more from token to token, up to a bound. */
  public long maskBytes() {
    return masks.values().stream().mapToLong(MaskTable::bytes).sum();
  }

  /**
   * A text of this language, which has not begun.
   *
   * @throws TextException {@code grammar-unknown-token}; and {@code grammar-syntax} or {@code
   *     grammar-limit} if this was put together of parts and was not used before
   */
  public TokenConstraint constraint(GrammarVocabulary vocabulary) {
    return new GrammarConstraint(
        masks.computeIfAbsent(
            new Use(vocabulary, List.of()), use -> new MaskTable(automaton(), vocabulary)));
  }

  /**
   * Free text, special tokens and its end included, until one of the triggers has been written;
   * then text of this language, and after it the end.
   *
   * @param triggers texts; special tokens are looked for as they are written
   */
  public TokenConstraint lazyConstraint(GrammarVocabulary vocabulary, List<String> triggers) {
    if (triggers.isEmpty()) {
      throw new IllegalArgumentException("a lazy constraint needs a trigger: triggers=[]");
    }
    return new GrammarConstraint(
        masks.computeIfAbsent(
            new Use(vocabulary, List.copyOf(triggers)),
            use -> new MaskTable(AutomatonBuilder.build(root, use.triggers()), vocabulary)));
  }
}
