package io.moineau.text.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * One of many texts, with beginnings that they share told once: a thousand values of an enum are
 * then a few places at a time, and not a thousand.
 */
final class TextChoice {
  private static final int DEEPEST = 100;

  private TextChoice() {}

  /** One of these texts, one or more. */
  static Expr of(List<String> texts) {
    return of(new ArrayList<>(new TreeSet<>(texts)), 0, 0);
  }

  /** Sorted texts that agree up to a position. */
  private static Expr of(List<String> texts, int from, int depth) {
    String first = texts.getFirst();
    if (texts.size() == 1) {
      return Expr.text(first.substring(from));
    }
    if (depth == DEEPEST) {
      return Expr.choice(texts.stream().map(t -> Expr.text(t.substring(from))).toList());
    }
    int same = common(first, texts.getLast(), from);
    List<Expr> options = new ArrayList<>();
    int start = 0;
    if (first.length() == same) {
      options.add(Expr.EMPTY);
      start = 1;
    }
    while (start < texts.size()) {
      int c = texts.get(start).codePointAt(same);
      int end = start + 1;
      while (end < texts.size() && texts.get(end).codePointAt(same) == c) {
        end++;
      }
      options.add(of(texts.subList(start, end), same, depth + 1));
      start = end;
    }
    Expr choice = Expr.choice(options);
    return same == from ? choice : Expr.sequence(Expr.text(first.substring(from, same)), choice);
  }

  /** Up to where two texts are equal; never in the middle of a character. */
  private static int common(String x, String y, int from) {
    int at = from;
    while (at < x.length() && at < y.length() && x.charAt(at) == y.charAt(at)) {
      at++;
    }
    return at > from && Character.isHighSurrogate(x.charAt(at - 1)) ? at - 1 : at;
  }
}
