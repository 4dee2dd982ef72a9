package io.moineau.text.grammar;

import io.moineau.text.TextException;
import io.moineau.text.grammar.Expr.Rule;
import io.moineau.text.grammar.Expr.TokenName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads llama.cpp's grammars (GBNF): rules {@code name ::= ...} of texts, classes, groups,
 * repetitions and tokens. A rule goes on over a line's end inside a group, after a {@code |}, and
 * before one.
 */
final class GbnfParser {
  /** A grammar is a request's: it is not let to take the stack or the memory. */
  private static final int DEEPEST = 200;

  private static final int MOST_REPEATED = 100_000;
  private static final int LONGEST = 4 << 20;

  private final String text;
  private final Map<String, Rule> rules = new LinkedHashMap<>();
  private final Map<String, Rule> given;
  private final Map<String, Integer> firstUse = new LinkedHashMap<>();
  private final List<String> defined = new ArrayList<>();
  private int at;
  private int depth;

  private GbnfParser(String text, Map<String, Rule> given) {
    this.text = text;
    this.given = given;
  }

  /**
   * The root rule of a grammar.
   *
   * @param given rules from elsewhere that it may refer to
   * @throws TextException {@code grammar-syntax} or {@code grammar-limit}
   */
  static Rule parse(String text, Map<String, Rule> given) {
    if (text.length() > LONGEST) {
      throw GrammarErrors.limit(
          "a grammar is too long", "length=" + text.length(), "at most " + LONGEST);
    }
    GbnfParser parser = new GbnfParser(text, given);
    parser.space(true);
    while (parser.at < text.length()) {
      parser.rule();
    }
    return parser.root();
  }

  private Rule root() {
    for (Map.Entry<String, Integer> use : firstUse.entrySet()) {
      if (!defined.contains(use.getKey()) && !given.containsKey(use.getKey())) {
        at = use.getValue();
        throw wrong(
            "a rule that is not there: " + use.getKey(),
            "rules that the grammar defines",
            "define it, or correct its name");
      }
    }
    Rule root = rules.get("root");
    if (root == null || !defined.contains("root")) {
      throw GrammarErrors.syntax(
          "a grammar has no rule named root",
          "it defines " + (defined.isEmpty() ? "none" : String.join(", ", defined)),
          "root ::= ...",
          "name the rule that the whole text must match root");
    }
    return root;
  }

  private TextException wrong(String what, String allowed, String action) {
    return GrammarErrors.syntax(what, place(at), allowed, action);
  }

  private String place(int position) {
    int line = 1;
    int column = 1;
    for (int i = 0; i < position && i < text.length(); i++) {
      if (text.charAt(i) == '\n') {
        line++;
        column = 1;
      } else {
        column++;
      }
    }
    return "line " + line + ", column " + column;
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private boolean isAt(String what) {
    return text.startsWith(what, at);
  }

  private boolean take(String what) {
    if (isAt(what)) {
      at += what.length();
      return true;
    }
    return false;
  }

  private void space(boolean lines) {
    while (at < text.length()) {
      char c = peek();
      if (c == '#') {
        while (at < text.length() && peek() != '\n' && peek() != '\r') {
          at++;
        }
      } else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) {
        at++;
      } else {
        return;
      }
    }
  }

  private static boolean isName(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_';
  }

  private String name() {
    int from = at;
    while (isName(peek())) {
      at++;
    }
    if (at == from) {
      throw wrong(
          at == text.length()
              ? "the grammar ends too soon"
              : "a character out of place: " + shown(),
          "a rule's name: letters, digits, - and _",
          "");
    }
    return text.substring(from, at);
  }

  private String shown() {
    return at < text.length() ? "'" + Character.toString(text.codePointAt(at)) + "'" : "the end";
  }

  private Rule named(String name, int position) {
    Rule known = given.get(name);
    return known != null ? known : rules.computeIfAbsent(name, n -> new Rule(n, place(position)));
  }

  private void rule() {
    int from = at;
    String name = name();
    space(false);
    if (!take("::=")) {
      throw wrong("no ::= after the name " + name, "name ::= what it matches", "");
    }
    if (given.containsKey(name) || defined.contains(name)) {
      at = from;
      throw wrong("a rule is defined twice: " + name, "each rule once", "join both with |");
    }
    space(true);
    Rule rule = new Rule(name, place(from));
    // Calls that came before the definition refer to the first object of that name.
    Rule target = rules.getOrDefault(name, rule);
    rules.put(name, target);
    defined.add(name);
    target.define(alternatives(false));
    space(false);
    if (at < text.length() && peek() != '\n' && peek() != '\r') {
      throw wrong("a character out of place: " + shown(), "the end of the line after a rule", "");
    }
    space(true);
  }

  private Expr alternatives(boolean nested) {
    if (++depth > DEEPEST) {
      throw GrammarErrors.limit("groups are nested too deep", place(at), "at most " + DEEPEST);
    }
    List<Expr> options = new ArrayList<>();
    options.add(sequence(nested));
    while (nextAlternative(nested)) {
      space(true);
      options.add(sequence(nested));
    }
    depth--;
    return Expr.choice(options);
  }

  /** Takes a {@code |}, which may stand on the next line. */
  private boolean nextAlternative(boolean nested) {
    int from = at;
    space(true);
    if (take("|")) {
      return true;
    }
    if (!nested) {
      at = from;
    }
    return false;
  }

  private Expr sequence(boolean nested) {
    List<Expr> parts = new ArrayList<>();
    while (true) {
      Expr item = item();
      if (item == null) {
        break;
      }
      space(nested);
      parts.add(repeated(item, nested));
      space(nested);
    }
    return parts.size() == 1 ? parts.getFirst() : new Expr.Sequence(parts);
  }

  private @org.jspecify.annotations.Nullable Expr item() {
    char c = peek();
    if (c == '"') {
      at++;
      return literal();
    }
    if (c == '[') {
      at++;
      return characterClass();
    }
    if (c == '.') {
      at++;
      return new Expr.Chars(CodePoints.ALL);
    }
    if (c == '(') {
      int from = at++;
      space(true);
      Expr inner = alternatives(true);
      space(true);
      if (!take(")")) {
        at = from;
        throw wrong("a group is not closed", "( ... )", "");
      }
      return inner;
    }
    if (c == '<' || (c == '!' && text.startsWith("<", at + 1))) {
      boolean negated = take("!");
      return new Expr.Token(token(), negated);
    }
    if (!isName(c)) {
      return null;
    }
    int from = at;
    String name = name();
    int after = at;
    space(false);
    boolean definition = isAt("::=");
    at = after;
    if (definition) {
      at = from; // the next rule begins on the same line
      throw wrong(
          "a rule begins in the middle of a line: " + name, "each rule on its own line", "");
    }
    firstUse.putIfAbsent(name, from);
    return Expr.call(named(name, from));
  }

  private TokenName token() {
    int from = at;
    at++;
    int end = text.indexOf('>', at);
    if (end < 0 || text.substring(at, end).indexOf('\n') >= 0) {
      at = from;
      throw wrong("a token is not closed", "<[id]> or <text>", "write < in a text as \"<\"");
    }
    String inner = text.substring(at, end);
    at = end + 1;
    if (!inner.startsWith("[")) {
      return new TokenName(-1, "<" + inner + ">");
    }
    try {
      if (inner.endsWith("]")) {
        int id = Integer.parseInt(inner.substring(1, inner.length() - 1));
        if (id >= 0) {
          return new TokenName(id, "");
        }
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    at = from;
    throw wrong("no token id: <" + inner + ">", "<[id]> with a number", "");
  }

  private Expr literal() {
    int from = at - 1;
    List<Expr> parts = new ArrayList<>();
    while (!take("\"")) {
      if (at >= text.length() || peek() == '\n') {
        at = from;
        throw wrong("a text is not closed", "\"...\" on one line", "write a line's end as \\n");
      }
      parts.add(new Expr.Chars(CodePoints.of(character())));
    }
    return parts.size() == 1 ? parts.getFirst() : new Expr.Sequence(parts);
  }

  private Expr characterClass() {
    int from = at - 1;
    boolean negated = take("^");
    CodePoints.Builder set = new CodePoints.Builder();
    while (!take("]")) {
      if (at >= text.length()) {
        at = from;
        throw wrong("a class is not closed", "[...]", "");
      }
      int start = at;
      int first = character();
      int last = first;
      if (peek() == '-' && !text.startsWith("]", at + 1)) {
        at++;
        last = character();
      }
      if (last < first) {
        at = start;
        throw wrong("a range runs backwards", "[a-z]: the smaller first", "");
      }
      set.add(first, last);
    }
    CodePoints found = set.build();
    found = negated ? found.negate() : found;
    if (found.isEmpty()) {
      at = from;
      throw wrong("a class holds no character", "one character or more", "");
    }
    return new Expr.Chars(found);
  }

  private int character() {
    int c = text.codePointAt(Math.min(at, text.length() - 1));
    if (at >= text.length()) {
      throw wrong("the grammar ends too soon", "a character", "");
    }
    if (c != '\\') {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        throw wrong("half a surrogate pair", "Unicode text", "");
      }
      at += Character.charCount(c);
      return c;
    }
    int from = at++;
    char kind = peek();
    at++;
    return switch (kind) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case '\\', '"', '[', ']', '-', '^' -> kind;
      case 'x' -> hex(2, from);
      case 'u' -> hex(4, from);
      case 'U' -> hex(8, from);
      default -> {
        at = from;
        throw wrong(
            "an unknown escape",
            "\\n \\r \\t \\\\ \\\" \\[ \\] \\- \\^ \\xHH \\uHHHH \\UHHHHHHHH",
            "");
      }
    };
  }

  private int hex(int digits, int from) {
    long value = -1;
    if (at + digits <= text.length()) {
      value = 0;
      for (int i = 0; i < digits; i++) {
        int digit = Character.digit(text.charAt(at + i), 16);
        if (digit < 0) {
          value = -1;
          break;
        }
        value = 16 * value + digit;
      }
    }
    if (value < 0 || value > Character.MAX_CODE_POINT || (value >= 0xD800 && value <= 0xDFFF)) {
      at = from;
      throw wrong(
          "no character by this number", digits + " hexadecimal digits of a Unicode character", "");
    }
    at += digits;
    return (int) value;
  }

  private Expr repeated(Expr item, boolean nested) {
    Expr now = item;
    while (true) {
      if (take("*")) {
        now = Expr.star(now);
      } else if (take("+")) {
        now = Expr.plus(now);
      } else if (take("?")) {
        now = Expr.optional(now);
      } else if (take("{")) {
        now = counted(now);
      } else {
        return now;
      }
      space(nested);
    }
  }

  private Expr counted(Expr item) {
    int from = at - 1;
    space(true);
    int min = peek() == ',' ? 0 : number();
    space(true);
    int max = min;
    if (take(",")) {
      space(true);
      max = peek() == '}' ? Expr.UNBOUNDED : number();
      space(true);
    }
    if (!take("}")) {
      throw wrong("a character out of place: " + shown(), "{m}, {m,} or {m,n}", "");
    }
    if (max != Expr.UNBOUNDED && max < min) {
      at = from;
      throw wrong("a repetition runs backwards", "{m,n} with m at most n", "");
    }
    return Expr.repeat(item, min, max);
  }

  private int number() {
    int from = at;
    long value = 0;
    while (peek() >= '0' && peek() <= '9') {
      value = Math.min(10 * value + (peek() - '0'), Integer.MAX_VALUE);
      at++;
    }
    if (at == from) {
      throw wrong("a character out of place: " + shown(), "a number", "");
    }
    if (value > MOST_REPEATED) {
      throw GrammarErrors.limit(
          "a repetition is too large",
          place(from) + ": " + text.substring(from, at),
          "at most " + MOST_REPEATED);
    }
    return (int) value;
  }
}
