package io.moineau.text;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds what a split cuts out: by a regular expression, or by hand where one would be too slow. */
@FunctionalInterface
interface PieceFinder {
  /** Adds start and end of each match, in order; start and end are equal for an empty match. */
  void find(String piece, IntList bounds);

  /**
   * Finder of an expression in the syntax of tokenizer files.
   *
   * <p>Those that group digits from the right look ahead over all digits from each digit, which
   * takes the square of their number; they are done by hand.
   */
  static PieceFinder of(String regex) {
    return switch (regex) {
      case "(?=(\\d{3})+(?!\\d))" -> (piece, bounds) -> digitGroups(piece, bounds, false, false);
      case "(?=(\\p{N}{3})+(?!\\p{N}))" ->
          (piece, bounds) -> digitGroups(piece, bounds, true, false);
      case "\\d{1,3}(?=(?:\\d{3})*\\b)" ->
          (piece, bounds) -> digitGroups(piece, bounds, false, true);
      default -> of(Regexes.compile(regex));
    };
  }

  /** Finder of a compiled expression. */
  static PieceFinder of(Pattern pattern) {
    return (piece, bounds) -> {
      Matcher matcher = pattern.matcher(new BoundedText(piece));
      try {
        while (matcher.find()) {
          bounds.add(matcher.start());
          bounds.add(matcher.end());
        }
      } catch (StackOverflowError e) {
        throw new TextException(
            "tokenizer-regex-too-deep",
            "a tokenizer's regular expression needs too much memory for its steps",
            "\"" + pattern + "\" on a text of " + piece.length() + " characters",
            "shorter runs of text without a break",
            "give the text in parts");
      }
    };
  }

  /**
   * Groups of three digits counted from the right of each run of digits.
   *
   * @param anyNumber whether all of Unicode's numbers count, or decimal digits only
   * @param whole whether groups are matches; only their starts are otherwise, and only where whole
   *     groups follow. As matches they must end at the border of a word.
   */
  private static void digitGroups(String piece, IntList bounds, boolean anyNumber, boolean whole) {
    int at = 0;
    while (at < piece.length()) {
      int c = piece.codePointAt(at);
      if (!isDigit(c, anyNumber)) {
        at += Character.charCount(c);
        continue;
      }
      IntList starts = new IntList();
      while (at < piece.length() && isDigit(piece.codePointAt(at), anyNumber)) {
        starts.add(at);
        at += Character.charCount(piece.codePointAt(at));
      }
      boolean border = at == piece.length() || !isWord(piece.codePointAt(at));
      int[] from = starts.toArray();
      int lead = from.length % 3;
      if (!whole) {
        for (int i = lead; i < from.length; i += 3) {
          bounds.add(from[i]);
          bounds.add(from[i]);
        }
      } else if (border) {
        for (int i = 0; i < from.length; i = i == 0 && lead > 0 ? lead : i + 3) {
          int next = i == 0 && lead > 0 ? lead : i + 3;
          bounds.add(from[i]);
          bounds.add(next < from.length ? from[next] : at);
        }
      }
    }
  }

  private static boolean isDigit(int c, boolean anyNumber) {
    int type = Character.getType(c);
    return type == Character.DECIMAL_DIGIT_NUMBER
        || (anyNumber && (type == Character.LETTER_NUMBER || type == Character.OTHER_NUMBER));
  }

  private static boolean isWord(int c) {
    int type = Character.getType(c);
    return Character.isAlphabetic(c)
        || type == Character.DECIMAL_DIGIT_NUMBER
        || type == Character.CONNECTOR_PUNCTUATION
        || type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.COMBINING_SPACING_MARK;
  }
}
