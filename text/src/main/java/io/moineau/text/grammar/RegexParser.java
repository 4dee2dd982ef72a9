package io.moineau.text.grammar;

import io.moineau.text.TextException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads regular expressions in the part that ECMA-262, Java and Python have in common, with the
 * meaning of ECMA-262 in its Unicode mode. What lies beyond regular languages is refused by name.
 */
final class RegexParser {
  private static final int DEEPEST = 200;
  private static final int MOST_REPEATED = 100_000;
  private static final int LONGEST = 1 << 20;

  private static final CodePoints LINE_ENDS = CodePoints.ofText("\n\r\u2028\u2029");
  private static final CodePoints DIGITS = CodePoints.range('0', '9');
  private static final CodePoints WORD =
      new CodePoints.Builder().add('0', '9').add('A', 'Z').add('a', 'z').add('_', '_').build();
  private static final CodePoints SPACES =
      CodePoints.ofText("\t\n\u000B\f\r \u00A0\u1680\u2028\u2029\u202F\u205F\u3000\uFEFF")
          .union(CodePoints.range(0x2000, 0x200A));

  private final String text;
  private int at;
  private int depth;

  private RegexParser(String text) {
    this.text = text;
  }

  /** The texts that an expression matches from end to end. */
  static Expr whole(String pattern) {
    return Regex.expr(Regex.resolved(parse(pattern), Regex.EMPTY), Expr.Chars::new);
  }

  /** The texts in which an expression is found, as JSON Schema's {@code pattern} means it. */
  static Regex search(String pattern) {
    return Regex.resolved(parse(pattern), Regex.ANYTHING);
  }

  private static Regex parse(String pattern) {
    if (pattern.length() > LONGEST) {
      throw GrammarErrors.limit(
          "a regular expression is too long", "length=" + pattern.length(), "at most " + LONGEST);
    }
    RegexParser parser = new RegexParser(pattern);
    Regex found = parser.alternatives();
    if (parser.at < pattern.length()) {
      throw parser.wrong("a ) without its (", "( ... )", "write \\) for the character");
    }
    return found;
  }

  private TextException wrong(String what, String allowed, String action) {
    return GrammarErrors.syntax(
        what, "column " + (at + 1) + " of the regular expression " + text, allowed, action);
  }

  private TextException refused(String what, int from) {
    at = from;
    return wrong(
        what + " in a regular expression",
        "literals, classes, groups, |, quantifiers, ^ and $ at the edges",
        "write it without, or use a grammar");
  }

  private char peek() {
    return at < text.length() ? text.charAt(at) : '\0';
  }

  private boolean take(String what) {
    if (text.startsWith(what, at)) {
      at += what.length();
      return true;
    }
    return false;
  }

  private Regex alternatives() {
    if (++depth > DEEPEST) {
      throw GrammarErrors.limit("groups are nested too deep", "column " + at, "at most " + DEEPEST);
    }
    List<Regex> options = new ArrayList<>();
    options.add(sequence());
    while (take("|")) {
      options.add(sequence());
    }
    depth--;
    return options.size() == 1 ? options.getFirst() : new Regex.Choice(options);
  }

  private Regex sequence() {
    List<Regex> parts = new ArrayList<>();
    while (at < text.length() && peek() != '|' && peek() != ')') {
      parts.add(quantified(atom()));
    }
    return parts.size() == 1 ? parts.getFirst() : new Regex.Sequence(parts);
  }

  private Regex atom() {
    int from = at;
    char c = peek();
    switch (c) {
      case '(' -> {
        at++;
        groupKind(from);
        Regex inner = alternatives();
        if (!take(")")) {
          at = from;
          throw wrong("a group is not closed", "( ... )", "write \\( for the character");
        }
        return inner;
      }
      case '[' -> {
        at++;
        return new Regex.Chars(characterClass(from));
      }
      case '.' -> {
        at++;
        return new Regex.Chars(LINE_ENDS.negate());
      }
      case '^', '$' -> {
        at++;
        return new Regex.Anchor(c == '^', at);
      }
      case '*', '+', '?' ->
          throw wrong("a quantifier with nothing before it", "something to repeat", "");
      case '\\' -> {
        return escape(from);
      }
      default -> {
        return new Regex.Chars(CodePoints.of(literal()));
      }
    }
  }

  private int literal() {
    int c = text.codePointAt(at);
    if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
      throw wrong("half a surrogate pair", "Unicode text", "");
    }
    at += Character.charCount(c);
    return c;
  }

  private void groupKind(int from) {
    if (!take("?")) {
      return;
    }
    if (take(":")) {
      return;
    }
    if (take("=") || take("!") || take("<=") || take("<!")) {
      throw refused("look-around", from);
    }
    if (take("<") || take("P<")) {
      while (Character.isLetterOrDigit(peek()) || peek() == '_') {
        at++;
      }
      if (!take(">")) {
        throw wrong("a group's name is not closed", "(?<name>...)", "");
      }
      return;
    }
    if (take("P=")) {
      throw refused("a back reference", from);
    }
    if (take(">")) {
      throw refused("an atomic group", from);
    }
    throw refused(
        "a flag or condition " + text.substring(from, Math.min(at + 1, text.length())), from);
  }

  private Regex escape(int from) {
    at++;
    if (at >= text.length()) {
      at = from;
      throw wrong("a \\ at the end", "\\ and a character", "write \\\\ for the character");
    }
    char kind = peek();
    if (kind >= '1' && kind <= '9') {
      throw refused("a back reference", from);
    }
    switch (kind) {
      case 'k' -> throw refused("a back reference", from);
      case 'b', 'B' -> throw refused("a word boundary", from);
      case 'G', 'K', 'X', 'R', 'Q', 'E' -> throw refused("\\" + kind, from);
      case 'A' -> {
        at++;
        return new Regex.Anchor(true, at);
      }
      case 'z', 'Z' -> {
        at++;
        return new Regex.Anchor(false, at);
      }
      default -> {
        CodePoints set = classEscape();
        return new Regex.Chars(set != null ? set : CodePoints.of(characterEscape(from)));
      }
    }
  }

  /** The set of an escape such as {@code \d}, of which the letter is next; null for none. */
  private @Nullable CodePoints classEscape() {
    char kind = peek();
    CodePoints found =
        switch (kind) {
          case 'd' -> DIGITS;
          case 'D' -> DIGITS.negate();
          case 'w' -> WORD;
          case 'W' -> WORD.negate();
          case 's' -> SPACES;
          case 'S' -> SPACES.negate();
          default -> null;
        };
    if (found != null) {
      at++;
      return found;
    }
    return kind == 'p' || kind == 'P' ? property() : null;
  }

  private CodePoints property() {
    int from = at;
    boolean negated = peek() == 'P';
    at++;
    int end = take("{") ? text.indexOf('}', at) : -1;
    if (end < 0) {
      at = from;
      throw wrong("a property without its braces", "\\p{L}, \\p{Script=Greek}", "");
    }
    String name = text.substring(at, end);
    at = end + 1;
    CodePoints found = UnicodeProperties.find(name);
    if (found == null) {
      at = from;
      throw wrong(
          "an unknown Unicode property: " + name,
          "general categories, scripts and binary properties",
          "see the Unicode standard, annex 44");
    }
    return negated ? found.negate() : found;
  }

  /** The character of an escape, of which the letter is next. */
  private int characterEscape(int from) {
    int kind = literal();
    return switch (kind) {
      case 't' -> '\t';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 'f' -> '\f';
      case 'v' -> 0x0B;
      case '0' -> 0;
      case 'a' -> 0x07;
      case 'e' -> 0x1B;
      case 'c' -> {
        char letter = peek();
        if (!((letter >= 'A' && letter <= 'Z') || (letter >= 'a' && letter <= 'z'))) {
          at = from;
          throw wrong("no control character", "\\cA to \\cZ", "");
        }
        at++;
        yield letter & 0x1F;
      }
      case 'x' -> peek() == '{' ? braced(from) : hex(2, from);
      case 'u' -> peek() == '{' ? braced(from) : surrogatePair(hex(4, from), from);
      default -> {
        if ((kind >= 'a' && kind <= 'z') || (kind >= 'A' && kind <= 'Z')) {
          at = from;
          throw wrong(
              "an unknown escape: \\" + Character.toString(kind), "an escape of ECMA-262", "");
        }
        yield kind;
      }
    };
  }

  private int braced(int from) {
    int end = text.indexOf('}', at);
    if (end > at + 1 && end - at <= 9) {
      at++;
      int value = hex(end - at, from);
      at = end + 1;
      return checked(value, from);
    }
    at = from;
    throw wrong("no character by this number", "\\u{hexadecimal digits}", "");
  }

  private int surrogatePair(int first, int from) {
    if (first >= 0xD800 && first <= 0xDBFF && take("\\u")) {
      int second = hex(4, from);
      if (second >= 0xDC00 && second <= 0xDFFF) {
        return Character.toCodePoint((char) first, (char) second);
      }
    }
    return checked(first, from);
  }

  private int checked(int value, int from) {
    if (value > Character.MAX_CODE_POINT || (value >= 0xD800 && value <= 0xDFFF)) {
      at = from;
      throw wrong("no character by this number", "Unicode characters", "");
    }
    return value;
  }

  private int hex(int digits, int from) {
    long value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = Character.digit(peek(), 16);
      if (at >= text.length() || digit < 0) {
        at = from;
        throw wrong("no character by this number", digits + " hexadecimal digits", "");
      }
      value = 16 * value + digit;
      at++;
    }
    return (int) Math.min(value, Integer.MAX_VALUE);
  }

  private CodePoints characterClass(int from) {
    boolean negated = take("^");
    CodePoints.Builder set = new CodePoints.Builder();
    boolean first = true;
    while (first ? peek() != ']' || at >= text.length() : !isAt(']')) {
      if (at >= text.length()) {
        at = from;
        throw wrong("a class is not closed", "[...]", "write \\[ for the character");
      }
      first = false;
      if (text.startsWith("[:", at) || text.startsWith("&&", at)) {
        throw refused("a class of POSIX or Java", at);
      }
      addRange(set);
    }
    at++;
    CodePoints found = negated ? set.build().negate() : set.build();
    if (found.isEmpty()) {
      at = from;
      throw wrong("a class holds no character", "one character or more", "");
    }
    return found;
  }

  private boolean isAt(char c) {
    return at < text.length() && peek() == c;
  }

  private void addRange(CodePoints.Builder set) {
    int from = at;
    CodePoints whole = setInClass();
    if (whole != null) {
      set.add(whole);
      return;
    }
    int low = characterInClass();
    if (!isAt('-') || text.startsWith("]", at + 1) || at + 1 >= text.length()) {
      set.add(low, low);
      return;
    }
    at++;
    CodePoints after = setInClass();
    if (after != null) { // [a-\d]: the three, as browsers read it
      set.add(low, low).add('-', '-').add(after);
      return;
    }
    int high = characterInClass();
    if (high < low) {
      at = from;
      throw wrong("a range runs backwards", "[a-z]: the smaller first", "");
    }
    set.add(low, high);
  }

  private @Nullable CodePoints setInClass() {
    if (peek() != '\\' || at + 1 >= text.length()) {
      return null;
    }
    at++;
    CodePoints found = classEscape();
    if (found == null) {
      at--;
    }
    return found;
  }

  private int characterInClass() {
    if (at >= text.length()) {
      throw wrong("a class is not closed", "[...]", "");
    }
    int from = at;
    if (peek() != '\\') {
      return literal();
    }
    at++;
    if (at >= text.length()) {
      throw wrong("a class is not closed", "[...]", "");
    }
    if (peek() == 'b') {
      at++;
      return '\b';
    }
    return characterEscape(from);
  }

  private Regex quantified(Regex item) {
    Regex now = item;
    while (at < text.length()) {
      int from = at;
      int min;
      int max;
      if (take("*")) {
        min = 0;
        max = Expr.UNBOUNDED;
      } else if (take("+")) {
        min = 1;
        max = Expr.UNBOUNDED;
      } else if (take("?")) {
        min = 0;
        max = 1;
      } else {
        int[] bounds = bounds();
        if (bounds.length == 0) {
          return now;
        }
        min = bounds[0];
        max = bounds[1];
      }
      if (now != item) {
        throw refused("a quantifier of a quantifier", from);
      }
      if (item instanceof Regex.Anchor) {
        throw refused("a quantifier of an anchor", from);
      }
      take("?"); // lazy: the same texts match
      if (peek() == '+') {
        throw refused("a possessive quantifier", from);
      }
      now = new Regex.Repeat(item, min, max);
    }
    return now;
  }

  /** The bounds of {@code {m,n}}; none if this is no quantifier but the character. */
  private int[] bounds() {
    if (peek() != '{') {
      return new int[0];
    }
    int from = at++;
    long min = digits();
    long max = min;
    if (take(",")) {
      max = digits();
    }
    if (min < 0 || !take("}")) {
      at = from;
      return new int[0];
    }
    if (max >= 0 && max < min) {
      at = from;
      throw wrong("a repetition runs backwards", "{m,n} with m at most n", "");
    }
    if (Math.max(min, max) > MOST_REPEATED) {
      throw GrammarErrors.limit(
          "a repetition is too large", text.substring(from, at), "at most " + MOST_REPEATED);
    }
    return new int[] {(int) min, (int) max};
  }

  private long digits() {
    if (peek() < '0' || peek() > '9') {
      return -1;
    }
    long value = 0;
    while (peek() >= '0' && peek() <= '9') {
      value = Math.min(10 * value + (peek() - '0'), Integer.MAX_VALUE);
      at++;
    }
    return value;
  }
}
