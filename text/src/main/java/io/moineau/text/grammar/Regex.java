package io.moineau.text.grammar;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A regular expression as it was read. */
sealed interface Regex {
  /** One character of a set. */
  record Chars(CodePoints set) implements Regex {}

  /** One after the other. */
  record Sequence(List<Regex> parts) implements Regex {
    public Sequence {
      parts = List.copyOf(parts);
    }
  }

  /** One of these. */
  record Choice(List<Regex> options) implements Regex {
    public Choice {
      options = List.copyOf(options);
    }
  }

  /** So many times; {@code max} may be {@link Expr#UNBOUNDED}. */
  record Repeat(Regex item, int min, int max) implements Regex {}

  /** Where the text begins or ends. */
  record Anchor(boolean begins, int column) implements Regex {}

  Regex EMPTY = new Sequence(List.of());
  Regex ANYTHING = new Repeat(new Chars(CodePoints.ALL), 0, Expr.UNBOUNDED);

  /**
   * The same language without anchors.
   *
   * @param around what may stand before and behind a match that is not anchored there
   * @throws io.moineau.text.TextException {@code grammar-syntax} for an anchor that is not at the
   *     edge of the expression
   */
  static Regex resolved(Regex regex, Regex around) {
    Regex found = edge(edge(regex, around, true), around, false);
    refuseAnchors(found);
    return found;
  }

  private static Regex edge(Regex regex, Regex around, boolean begin) {
    return switch (regex) {
      case Anchor a when a.begins() == begin -> EMPTY;
      case Choice c -> new Choice(c.options().stream().map(o -> edge(o, around, begin)).toList());
      case Sequence s -> sequenceEdge(s.parts(), around, begin);
      default -> joined(around, regex, begin);
    };
  }

  private static Regex joined(Regex around, Regex regex, boolean begin) {
    return new Sequence(begin ? List.of(around, regex) : List.of(regex, around));
  }

  private static Regex sequenceEdge(List<Regex> parts, Regex around, boolean begin) {
    int at = begin ? 0 : parts.size() - 1;
    if (parts.isEmpty() || !isAnchored(parts.get(at), begin)) {
      return joined(around, new Sequence(parts), begin);
    }
    List<Regex> rest = new ArrayList<>(parts);
    Regex first = rest.remove(at);
    if (first instanceof Anchor) {
      return edge(new Sequence(rest), EMPTY, begin); // another anchor there says nothing new
    }
    rest.add(begin ? 0 : rest.size(), edge(first, around, begin));
    return new Sequence(rest);
  }

  private static boolean isAnchored(Regex regex, boolean begin) {
    return switch (regex) {
      case Anchor a -> a.begins() == begin;
      case Choice c -> c.options().stream().anyMatch(o -> isAnchored(o, begin));
      case Sequence s ->
          !s.parts().isEmpty()
              && isAnchored(begin ? s.parts().getFirst() : s.parts().getLast(), begin);
      default -> false;
    };
  }

  private static void refuseAnchors(Regex regex) {
    switch (regex) {
      case Anchor a ->
          throw GrammarErrors.syntax(
              "an anchor in the middle of a regular expression",
              (a.begins() ? "^" : "$") + " at column " + a.column(),
              "^ at its beginning and $ at its end",
              "take it away, or move it to the edge");
      case Chars c -> {}
      case Choice c -> c.options().forEach(Regex::refuseAnchors);
      case Sequence s -> s.parts().forEach(Regex::refuseAnchors);
      case Repeat r -> refuseAnchors(r.item());
    }
  }

  /** As a grammar's expression in which each set of characters is written in some way. */
  static Expr expr(Regex regex, Function<CodePoints, Expr> written) {
    return switch (regex) {
      case Chars c -> written.apply(c.set());
      case Sequence s -> new Expr.Sequence(s.parts().stream().map(p -> expr(p, written)).toList());
      case Choice c -> new Expr.Choice(c.options().stream().map(o -> expr(o, written)).toList());
      case Repeat r -> Expr.repeat(expr(r.item(), written), r.min(), r.max());
      case Anchor a -> throw new IllegalArgumentException("anchors are resolved first: " + a);
    };
  }
}
