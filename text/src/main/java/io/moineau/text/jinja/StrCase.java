package io.moineau.text.jinja;

import java.util.Locale;

/** Upper and lower case as Python's str has them; marks stay where lengths do not change. */
final class StrCase {
  private StrCase() {}

  static Str upper(Str s) {
    return each(s, s.chars.toUpperCase(Locale.ROOT), true);
  }

  static Str lower(Str s) {
    return each(s, s.chars.toLowerCase(Locale.ROOT), false);
  }

  /** Gives {@code mapped} the marks of {@code s}, character by character where lengths differ. */
  private static Str each(Str s, String mapped, boolean upper) {
    if (mapped.equals(s.chars)) {
      return s.markup ? s.withMarkup(false) : s;
    }
    if (mapped.length() == s.chars.length() || s.marks.length == 0) {
      return new Str(mapped, s.marks, false);
    }
    if (s.marks.length > 64) {
      return Str.derived(mapped, s);
    }
    int[] marks = new int[s.marks.length];
    for (int i = 0; i < marks.length; i++) {
      String before = s.chars.substring(0, s.marks[i]);
      marks[i] =
          (upper ? before.toUpperCase(Locale.ROOT) : before.toLowerCase(Locale.ROOT)).length();
    }
    return new Str(mapped, marks, false);
  }

  static Str casefold(Str s) {
    StringBuilder out = new StringBuilder();
    s.chars
        .codePoints()
        .forEach(c -> {
          String one = Character.toString(c);
          String lower = one.toLowerCase(Locale.ROOT);
          String folded = one.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
          // Only what expands or has no lower case of its own changes beyond lower case.
          out.append(c == 'ς' ? "σ" : lower.equals(one) ? folded : lower);
        });
    return s.mapped(out.toString());
  }

  static Str capitalize(Str s) {
    if (s.isEmpty()) {
      return s;
    }
    int first = s.chars.offsetByCodePoints(0, 1);
    // The whole is lowered first, since a final sigma depends on what is before it.
    String lower = s.chars.toLowerCase(Locale.ROOT);
    int rest = s.chars.substring(0, first).toLowerCase(Locale.ROOT).length();
    return s.mapped(titled(s.chars.codePointAt(0)) + lower.substring(rest));
  }

  private static String titled(int c) {
    int title = Character.toTitleCase(c);
    String upper = Character.toString(c).toUpperCase(Locale.ROOT);
    if (title == c && upper.length() > 1 && upper.codePointCount(0, upper.length()) > 1) {
      int first = upper.offsetByCodePoints(0, 1);
      return upper.substring(0, first) + upper.substring(first).toLowerCase(Locale.ROOT);
    }
    return Character.toString(title);
  }

  static Str title(Str s) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    int i = 0;
    while (i < s.chars.length()) {
      int c = s.chars.codePointAt(i);
      int next = i + Character.charCount(c);
      out.append(!inWord ? titled(c) : lowerAt(s.chars, i));
      inWord = Chars.isCased(c);
      i = next;
    }
    return s.mapped(out.toString());
  }

  /** The lower case of the character at {@code i}; a sigma depends on what is around it. */
  private static String lowerAt(String text, int i) {
    int c = text.codePointAt(i);
    if (c != 'Σ') {
      return Character.toString(c).toLowerCase(Locale.ROOT);
    }
    int start = Math.max(0, i - 64); // enough to see the word, and no more work for a long text
    String before = text.substring(start, i).toLowerCase(Locale.ROOT);
    String around = text.substring(start, Math.min(text.length(), i + 64));
    return around.toLowerCase(Locale.ROOT).substring(before.length(), before.length() + 1);
  }

  static Str swap(Str s) {
    StringBuilder out = new StringBuilder();
    int i = 0;
    while (i < s.chars.length()) {
      int c = s.chars.codePointAt(i);
      String one = Character.toString(c);
      out.append(
          Character.isUpperCase(c)
              ? lowerAt(s.chars, i)
              : Character.isLowerCase(c) ? one.toUpperCase(Locale.ROOT) : one);
      i += one.length();
    }
    return s.mapped(out.toString());
  }

  static boolean isUpper(String s) {
    return s.codePoints().anyMatch(Character::isUpperCase)
        && s.codePoints().noneMatch(c -> Character.isLowerCase(c) || Character.isTitleCase(c));
  }

  static boolean isLower(String s) {
    return s.codePoints().anyMatch(Character::isLowerCase)
        && s.codePoints().noneMatch(c -> Character.isUpperCase(c) || Character.isTitleCase(c));
  }

  static boolean isTitle(String s) {
    boolean inWord = false;
    boolean any = false;
    for (int c : s.codePoints().toArray()) {
      boolean upper = Character.isUpperCase(c) || Character.isTitleCase(c);
      if (upper && inWord || !upper && Character.isLowerCase(c) && !inWord) {
        return false;
      }
      inWord = Chars.isCased(c);
      any |= inWord;
    }
    return any;
  }
}
