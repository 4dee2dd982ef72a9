package io.moineau.plan.expr;

import java.util.ArrayList;
import java.util.List;

/** Cuts the text of an expression into words. */
final class Lexer {
  /** Kinds of words. */
  enum Kind {
    NAME,
    NUMBER,
    TEXT,
    SIGN,
    END
  }

  /**
   * A word.
   *
   * @param kind of it
   * @param text without quotes
   * @param at index of its first character
   */
  record Token(Kind kind, String text, int at) {
    boolean is(String sign) {
      return (kind == Kind.SIGN || kind == Kind.NAME) && text.equals(sign);
    }
  }

  private static final String SIGNS = "()[],+-*<>=!";

  private final String source;
  private int at;

  private Lexer(String source) {
    this.source = source;
  }

  static List<Token> tokens(String source) {
    return new Lexer(source).all();
  }

  private List<Token> all() {
    List<Token> tokens = new ArrayList<>();
    while (true) {
      while (at < source.length() && Character.isWhitespace(source.charAt(at))) {
        at++;
      }
      if (at == source.length()) {
        tokens.add(new Token(Kind.END, "the end", at));
        return tokens;
      }
      tokens.add(next(source.charAt(at)));
    }
  }

  private Token next(char c) {
    int start = at;
    if (isLetter(c)) {
      while (at < source.length() && (isLetter(source.charAt(at)) || isDigit(source.charAt(at)))) {
        at++;
      }
      return new Token(Kind.NAME, source.substring(start, at), start);
    }
    if (isDigit(c)) {
      return number(start);
    }
    if (c == '"' || c == '\'') {
      int end = source.indexOf(c, at + 1);
      if (end < 0) {
        throw error("a text is not closed", start, "a text in quotes, such as \"CN\"");
      }
      at = end + 1;
      return new Token(Kind.TEXT, source.substring(start + 1, end), start);
    }
    if (SIGNS.indexOf(c) < 0) {
      throw error("a sign that means nothing here", start, "+ - * < <= > >= == != ( ) [ ] ,");
    }
    at++;
    if (at < source.length() && source.charAt(at) == '=' && "<>=!".indexOf(c) >= 0) {
      at++;
    } else if (c == '=' || c == '!') {
      throw error("a sign that means nothing alone", start, "== or !=; not for a negation");
    }
    return new Token(Kind.SIGN, source.substring(start, at), start);
  }

  private Token number(int start) {
    int points = 0;
    while (at < source.length() && (isDigit(source.charAt(at)) || source.charAt(at) == '.')) {
      points += source.charAt(at) == '.' ? 1 : 0;
      at++;
    }
    String text = source.substring(start, at);
    boolean isGlued = at < source.length() && isLetter(source.charAt(at));
    if (points > 1 || text.endsWith(".") || text.length() > 20 || isGlued) {
      throw error("no number", start, "digits, with a point in between: 4800 or 5.92");
    }
    return new Token(Kind.NUMBER, text, start);
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private ExpressionException error(String what, int where, String allowed) {
    return new ExpressionException(what, source, where, allowed);
  }
}
