package io.moineau.text.grammar;

import io.moineau.text.grammar.Expr.Rule;
import java.util.ArrayList;
import java.util.List;

/** Text that is free up to a marker. */
final class FreeText {
  private FreeText() {}

  /**
   * Any text that ends with a marker and does not hold it before. One rule for each beginning of
   * the marker (Knuth, Morris and Pratt, 1977).
   */
  static Rule until(String marker) {
    int[] pattern = marker.codePoints().toArray();
    if (pattern.length == 0) {
      throw GrammarErrors.syntax("a marker is empty", "marker=\"\"", "a text", "");
    }
    List<Rule> rules = new ArrayList<>();
    for (int i = 0; i <= pattern.length; i++) {
      rules.add(new Rule("until-" + i, Expr.EMPTY)); // the last: all was read
    }
    CodePoints known = CodePoints.ofText(marker);
    for (int i = 0; i < pattern.length; i++) {
      List<Expr> options = new ArrayList<>();
      for (int r = 0; r < known.numRanges(); r++) {
        for (int c = known.first(r); c <= known.last(r); c++) {
          Rule target = rules.get(after(pattern, i, c));
          options.add(Expr.sequence(new Expr.Chars(CodePoints.of(c)), Expr.call(target)));
        }
      }
      options.add(Expr.sequence(new Expr.Chars(known.negate()), Expr.call(rules.getFirst())));
      rules.get(i).define(new Expr.Choice(options));
    }
    return rules.getFirst();
  }

  /** How much of the pattern is there after its first {@code n} characters and one more. */
  private static int after(int[] pattern, int n, int character) {
    for (int length = Math.min(n + 1, pattern.length); length > 0; length--) {
      if (pattern[length - 1] == character && isSuffix(pattern, length - 1, n)) {
        return length;
      }
    }
    return 0;
  }

  /** Whether the first {@code length} characters are the last ones of the first {@code n}. */
  private static boolean isSuffix(int[] pattern, int length, int n) {
    for (int i = 0; i < length; i++) {
      if (pattern[i] != pattern[n - length + i]) {
        return false;
      }
    }
    return true;
  }
}
