package io.moineau.text.grammar;

import java.util.ArrayList;
import java.util.List;

/** What a grammar is made of, as it was written; every other notation becomes this. */
sealed interface Expr {
  /** The empty text. */
  Expr EMPTY = new Sequence(List.of());

  /** One character of a set. */
  record Chars(CodePoints set) implements Expr {}

  /** One after the other. */
  record Sequence(List<Expr> parts) implements Expr {
    public Sequence {
      parts = List.copyOf(parts);
    }
  }

  /** One of these; of none, nothing matches. */
  record Choice(List<Expr> options) implements Expr {
    public Choice {
      options = List.copyOf(options);
    }
  }

  /**
   * As often as these say.
   *
   * @param max {@link #UNBOUNDED} for no limit
   */
  record Repeat(Expr item, int min, int max) implements Expr {}

  /** What a rule says. */
  record Call(Rule rule) implements Expr {}

  /** One token of the vocabulary as a whole. */
  record Token(TokenName name, boolean negated) implements Expr {}

  /** A token by its id, or by its text where the id is negative. */
  record TokenName(int id, String text) {}

  int UNBOUNDED = -1;

  /** A rule, which may refer to itself; equal to nothing but itself. */
  final class Rule {
    final String name;
    final String where; // for errors: "line 3, column 1", or empty
    private Expr body = EMPTY;

    Rule(String name, String where) {
      this.name = name;
      this.where = where;
    }

    Rule(String name, Expr body) {
      this(name, "");
      this.body = body;
    }

    Expr body() {
      return body;
    }

    void define(Expr value) {
      body = value;
    }
  }

  static Expr chars(String characters) {
    return new Chars(CodePoints.ofText(characters));
  }

  static Expr text(String text) {
    List<Expr> parts = new ArrayList<>();
    text.codePoints().forEach(c -> parts.add(new Chars(CodePoints.of(c))));
    return parts.size() == 1 ? parts.getFirst() : new Sequence(parts);
  }

  static Expr sequence(Expr... parts) {
    return new Sequence(List.of(parts));
  }

  static Expr choice(Expr... options) {
    return new Choice(List.of(options));
  }

  static Expr choice(List<Expr> options) {
    return options.size() == 1 ? options.getFirst() : new Choice(options);
  }

  static Expr optional(Expr item) {
    return new Repeat(item, 0, 1);
  }

  static Expr star(Expr item) {
    return new Repeat(item, 0, UNBOUNDED);
  }

  static Expr plus(Expr item) {
    return new Repeat(item, 1, UNBOUNDED);
  }

  static Expr repeat(Expr item, int min, int max) {
    return new Repeat(item, min, max);
  }

  static Expr call(Rule rule) {
    return new Call(rule);
  }
}
