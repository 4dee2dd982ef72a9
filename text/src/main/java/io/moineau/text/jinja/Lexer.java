package io.moineau.text.jinja;

import java.math.BigInteger;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Cuts a template into tokens, with {@code trim_blocks} and {@code lstrip_blocks} on and one
 * newline at the end of the source dropped.
 *
 * <p>Jinja's lexer is a set of regular expressions; this one scans by hand and keeps their order of
 * preference (Jinja2 3.1.6, {@code lexer.py}): where white space goes depends on it.
 */
final class Lexer {
  /** Text and name of each operator, longest first. */
  static final String[] OPERATORS = {
    "//", "floordiv", "**", "pow", "==", "eq", "!=", "ne", ">=", "gteq", "<=", "lteq", "+", "add",
    "-", "sub", "/", "div", "*", "mul", "%", "mod", "~", "tilde", "[", "lbracket", "]", "rbracket",
    "(", "lparen", ")", "rparen", "{", "lbrace", "}", "rbrace", ">", "gt", "<", "lt", "=", "assign",
    ".", "dot", ":", "colon", "|", "pipe", ",", "comma", ";", "semicolon"
  };

  private final String source;
  private final List<Token> tokens = new ArrayList<>();
  private final Deque<Character> open = new ArrayDeque<>();
  private int at;
  private int line = 1;
  private boolean lineStarting = true; // the last match ended with a newline

  Lexer(String template) {
    String text = template.replace("\r\n", "\n").replace('\r', '\n');
    source = text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
  }

  List<Token> tokenize() {
    while (at < source.length()) {
      int tag = nextTag(at);
      if (tag < 0) {
        add("data", source.substring(at));
        at = source.length();
        break;
      }
      tag(tag);
    }
    tokens.add(new Token(line, "eof", "", ""));
    return tokens;
  }

  private int nextTag(int from) {
    for (int i = source.indexOf('{', from); i >= 0; i = source.indexOf('{', i + 1)) {
      if (i + 1 < source.length() && "%{#".indexOf(source.charAt(i + 1)) >= 0) {
        return i;
      }
    }
    return -1;
  }

  private void tag(int start) {
    char kind = source.charAt(start + 1);
    int rawEnd = kind == '%' ? rawBegin(start) : -1;
    char sign = sign(start + 2);
    data(source.substring(at, start), sign, kind == '{');
    at = start + 2 + (sign == 0 ? 0 : 1);
    if (rawEnd >= 0) {
      line += count(start, rawEnd);
      lineStarting = source.charAt(rawEnd - 1) == '\n';
      at = rawEnd;
      raw();
    } else if (kind == '#') {
      lineStarting = false;
      comment();
    } else {
      lineStarting = false;
      inside(kind == '%');
    }
  }

  private char sign(int index) {
    char c = index < source.length() ? source.charAt(index) : 0;
    return c == '-' || c == '+' ? c : 0;
  }

  /** Adds the text before a tag, without what the tag's sign or {@code lstrip_blocks} takes. */
  private void data(String text, char sign, boolean variable) {
    String kept = text;
    if (sign == '-') {
      int end = text.length();
      while (end > 0 && Chars.isSpace(text.charAt(end - 1))) {
        end--;
      }
      kept = text.substring(0, end);
    } else if (sign != '+' && !variable) {
      int lineStart = text.lastIndexOf('\n') + 1;
      if ((lineStart > 0 || lineStarting) && allSpace(text, lineStart)) {
        kept = text.substring(0, lineStart);
      }
    }
    if (!kept.isEmpty()) {
      tokens.add(new Token(line, "data", kept, kept));
    }
    line += count(text);
  }

  private static boolean allSpace(String text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (!Chars.isSpace(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Where a raw tag that begins at {@code start} ends, or -1 if it is another tag. */
  private int rawBegin(int start) {
    int i = skipSpace(start + 2 + (sign(start + 2) == 0 ? 0 : 1));
    if (!source.startsWith("raw", i)) {
      return -1;
    }
    i = skipSpace(i + 3);
    if (source.startsWith("-%}", i)) {
      return skipSpace(i + 3);
    }
    return source.startsWith("%}", i) ? i + 2 : -1;
  }

  private void raw() {
    if (at == source.length()) {
      return; // as in Jinja, nothing after the tag is no error
    }
    for (int i = source.indexOf("{%", at); i >= 0; i = source.indexOf("{%", i + 1)) {
      char sign = sign(i + 2);
      int j = skipSpace(i + 2 + (sign == 0 ? 0 : 1));
      if (!source.startsWith("endraw", j)) {
        continue;
      }
      int end = tagEnd(skipSpace(j + 6), "%}", true);
      if (end >= 0) {
        data(source.substring(at, i), sign, false);
        finish(i, end);
        return;
      }
    }
    throw new SyntaxError("Missing end of raw directive", line);
  }

  private void comment() {
    if (at == source.length()) {
      return;
    }
    for (int i = at; i < source.length(); i++) {
      int end = tagEnd(i, "#}", true);
      if (end >= 0) {
        finish(at, end);
        return;
      }
    }
    throw new SyntaxError("Missing end of comment tag", line);
  }

  private void finish(int from, int end) {
    line += count(from, end);
    lineStarting = source.charAt(end - 1) == '\n';
    at = end;
  }

  /** Where the end of a tag at {@code i} ends with the space it takes, or -1 if there is none. */
  private int tagEnd(int i, String close, boolean block) {
    if (source.startsWith(close, i)) {
      int end = i + 2;
      return block && end < source.length() && source.charAt(end) == '\n' ? end + 1 : end;
    }
    char sign = sign(i);
    if (sign == 0 || sign == '+' && !block || !source.startsWith(close, i + 1)) {
      return -1;
    }
    return sign == '+' ? i + 3 : skipSpace(i + 3);
  }

  /** The tokens between {@code {%} or {@code {{} and its end. */
  private void inside(boolean block) {
    add(block ? "block_begin" : "variable_begin", "");
    while (true) {
      int end = open.isEmpty() ? tagEnd(at, block ? "%}" : "}}", block) : -1;
      if (end >= 0) {
        add(block ? "block_end" : "variable_end", "");
        finish(at, end);
        return;
      }
      if (at >= source.length()) {
        return;
      }
      char c = source.charAt(at);
      if (Chars.isSpace(c)) {
        int next = skipSpace(at);
        line += count(at, next);
        at = next;
      } else if (!number() && !name() && !string()) {
        operator();
      }
    }
  }

  private boolean number() {
    if (!isDigit(at)) {
      return false;
    }
    int whole = digits(at);
    int end = whole;
    boolean isFloat = false;
    if (at == 0 || source.charAt(at - 1) != '.') {
      if (end < source.length() && source.charAt(end) == '.' && isDigit(end + 1)) {
        end = digits(end + 1);
        isFloat = true;
      }
      if (end < source.length() && (source.charAt(end) | 32) == 'e') {
        int exponent = end + 1;
        if (exponent < source.length() && "+-".indexOf(source.charAt(exponent)) >= 0) {
          exponent++;
        }
        if (isDigit(exponent)) {
          end = digits(exponent);
          isFloat = true;
        }
      }
    }
    if (isFloat) {
      String text = source.substring(at, end).replace("_", "");
      tokens.add(new Token(line, "float", text, Double.parseDouble(text)));
      at = end;
      return true;
    }
    integer(whole);
    return true;
  }

  private void integer(int decimalEnd) {
    int radix = 10;
    int end = decimalEnd;
    if (source.charAt(at) == '0') {
      char mark = at + 1 < source.length() ? (char) (source.charAt(at + 1) | 32) : 0;
      int wanted = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 0;
      int prefixed = wanted == 0 ? at : prefixed(at + 2, wanted);
      if (prefixed > at + 2) {
        radix = wanted;
        end = prefixed;
      } else { // 0, 00, 0_0; other digits after it begin a new number
        end = at + 1;
        while (end < decimalEnd
            && (source.charAt(end) == '0'
                || source.charAt(end) == '_'
                    && end + 1 < decimalEnd
                    && source.charAt(end + 1) == '0')) {
          end++;
        }
      }
    }
    String text = source.substring(at, end);
    String plain = (radix == 10 ? text : text.substring(2)).replace("_", "");
    if (radix == 10 && plain.length() > Numbers.MAX_DIGITS) {
      throw new SyntaxError("an integer of more than " + Numbers.MAX_DIGITS + " digits", line);
    }
    tokens.add(new Token(line, "integer", text, Numbers.normal(new BigInteger(plain, radix))));
    at = end;
  }

  private int prefixed(int from, int radix) {
    int i = from;
    while (i < source.length()) {
      int digit = source.charAt(i) == '_' ? i + 1 : i;
      if (digit >= source.length() || Character.digit(source.charAt(digit), radix) < 0) {
        break;
      }
      i = digit + 1;
    }
    return i;
  }

  private boolean isDigit(int i) {
    return i < source.length() && source.charAt(i) >= '0' && source.charAt(i) <= '9';
  }

  private int digits(int from) {
    int i = from;
    while (isDigit(i) || i < source.length() && source.charAt(i) == '_' && isDigit(i + 1)) {
      i++;
    }
    return i;
  }

  private boolean name() {
    int end = at;
    while (end < source.length()) {
      int c = source.codePointAt(end);
      if (c != '_' && !Character.isUnicodeIdentifierPart(c) || Character.isIdentifierIgnorable(c)) {
        break;
      }
      end += Character.charCount(c);
    }
    if (end == at) {
      return false;
    }
    String name = source.substring(at, end);
    int first = name.codePointAt(0);
    if (first != '_' && !Character.isUnicodeIdentifierStart(first)) {
      throw new SyntaxError("Invalid character in identifier", line);
    }
    add("name", name);
    at = end;
    return true;
  }

  private boolean string() {
    char quote = source.charAt(at);
    if (quote != '\'' && quote != '"') {
      return false;
    }
    int end = at + 1;
    while (end < source.length() && source.charAt(end) != quote) {
      end += source.charAt(end) == '\\' ? 2 : 1;
    }
    if (end >= source.length()) {
      throw new SyntaxError("unexpected char " + Repr.quote("" + quote) + " at " + at, line);
    }
    String value = Escapes.decode(source.substring(at + 1, end), line);
    tokens.add(new Token(line, "string", value, value));
    line += count(at, end);
    at = end + 1;
    return true;
  }

  private void operator() {
    for (int i = 0; i < OPERATORS.length; i += 2) {
      String operator = OPERATORS[i];
      if (source.startsWith(operator, at)) {
        balance(operator);
        add(OPERATORS[i + 1], operator);
        at += operator.length();
        return;
      }
    }
    String bad = source.substring(at, at + Character.charCount(source.codePointAt(at)));
    throw new SyntaxError("unexpected char " + Repr.quote(bad) + " at " + at, line);
  }

  private void balance(String operator) {
    switch (operator) {
      case "(" -> open.push(')');
      case "[" -> open.push(']');
      case "{" -> open.push('}');
      case ")", "]", "}" -> {
        if (open.isEmpty()) {
          throw new SyntaxError("unexpected '" + operator + "'", line);
        }
        char expected = open.pop();
        if (expected != operator.charAt(0)) {
          throw new SyntaxError("unexpected '" + operator + "', expected '" + expected + "'", line);
        }
      }
      default -> {}
    }
  }

  private void add(String type, String text) {
    tokens.add(new Token(line, type, text, text));
  }

  private int skipSpace(int from) {
    int i = from;
    while (i < source.length() && Chars.isSpace(source.charAt(i))) {
      i++;
    }
    return i;
  }

  private int count(int from, int to) {
    int n = 0;
    for (int i = from; i < to; i++) {
      n += source.charAt(i) == '\n' ? 1 : 0;
    }
    return n;
  }

  private static int count(String text) {
    int n = 0;
    for (int i = 0; i < text.length(); i++) {
      n += text.charAt(i) == '\n' ? 1 : 0;
    }
    return n;
  }
}
