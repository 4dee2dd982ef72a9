package io.moineau.text;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Changes a text before it is split, as the normalizers of tokenizer.json do. */
@FunctionalInterface
interface TextNormalizer {
  String apply(String text);

  /** Leaves a text as it is. */
  static TextNormalizer none() {
    return text -> text;
  }

  /** One after the other. */
  static TextNormalizer sequence(List<TextNormalizer> all) {
    return text -> {
      String now = text;
      for (TextNormalizer one : all) {
        now = one.apply(now);
      }
      return now;
    };
  }

  /** One of Unicode's forms. */
  static TextNormalizer form(Normalizer.Form form) {
    return text -> Normalizer.isNormalized(text, form) ? text : Normalizer.normalize(text, form);
  }

  /** Small letters. */
  static TextNormalizer lowercase() {
    return text -> text.toLowerCase(Locale.ROOT);
  }

  /** {@code prefix} before every text that is not empty. */
  static TextNormalizer prepend(String prefix) {
    return text -> text.isEmpty() ? text : prefix + text;
  }

  /** Every {@code what} becomes {@code with}. */
  static TextNormalizer replace(String what, String with) {
    return text -> what.isEmpty() ? text : text.replace(what, with);
  }

  /** Every match becomes {@code with}, taken as it is. */
  static TextNormalizer replace(Pattern what, String with) {
    String literal = Matcher.quoteReplacement(with);
    return text -> what.matcher(text).replaceAll(literal);
  }

  /** No white space at the ends. */
  static TextNormalizer strip(boolean left, boolean right) {
    return text -> {
      String now = left ? text.stripLeading() : text;
      return right ? now.stripTrailing() : now;
    };
  }

  /** No marks that stand on other characters. */
  static TextNormalizer stripAccents() {
    return text -> {
      StringBuilder kept = new StringBuilder(text.length());
      text.codePoints()
          .filter(c -> Character.getType(c) != Character.NON_SPACING_MARK)
          .forEach(kept::appendCodePoint);
      return kept.toString();
    };
  }

  /** UTF-8 spelled in GPT-2's characters. */
  static TextNormalizer byteLevel() {
    return ByteLevel::spell;
  }

  /** BERT's: control characters out, white space to spaces, spaces around Chinese characters. */
  static TextNormalizer bert(boolean clean, boolean chinese, boolean accents, boolean lowercase) {
    return text -> {
      StringBuilder out = new StringBuilder(text.length() + 16);
      text.codePoints()
          .forEach(c -> {
            boolean space = Character.isWhitespace(c) || Character.isSpaceChar(c);
            int kind = Character.getType(c);
            boolean control =
                c == 0
                    || c == 0xFFFD
                    || (!space && (kind == Character.CONTROL || kind == Character.FORMAT));
            if (clean && control) {
              return;
            }
            if (clean && space) {
              out.append(' ');
            } else if (chinese && isChinese(c)) {
              out.append(' ').appendCodePoint(c).append(' ');
            } else {
              out.appendCodePoint(c);
            }
          });
      String now = out.toString();
      if (accents) {
        now = stripAccents().apply(Normalizer.normalize(now, Normalizer.Form.NFD));
      }
      return lowercase ? now.toLowerCase(Locale.ROOT) : now;
    };
  }

  private static boolean isChinese(int c) {
    return (c >= 0x4E00 && c <= 0x9FFF)
        || (c >= 0x3400 && c <= 0x4DBF)
        || (c >= 0x20000 && c <= 0x2A6DF)
        || (c >= 0x2A700 && c <= 0x2CEAF)
        || (c >= 0xF900 && c <= 0xFAFF)
        || (c >= 0x2F800 && c <= 0x2FA1F);
  }
}
