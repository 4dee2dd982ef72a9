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

  /** How much longer a text may become; a character of Unicode decomposes into at most 18. */
  long LARGEST_GROWTH = 32;

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
        if (now.length() > LARGEST_GROWTH * (text.length() + 1024L)) {
          throw new TextException(
              "tokenizer-bad-normalizer",
              "a tokenizer's normalizers make a text too long",
              text.length() + " characters became " + now.length(),
              "at most " + LARGEST_GROWTH + " times as many",
              "use the tokenizer that was published with the model");
        }
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
    return TextNormalizer::lower;
  }

  /** Character by character: a final sigma is no other letter here than any sigma. */
  private static String lower(String text) {
    if (text.indexOf('\u03A3') < 0) {
      return text.toLowerCase(Locale.ROOT);
    }
    StringBuilder out = new StringBuilder(text.length());
    text.codePoints().forEach(c -> out.append(Character.toString(c).toLowerCase(Locale.ROOT)));
    return out.toString();
  }

  /** Unicode's property White_Space. */
  static boolean isWhiteSpace(int c) {
    return c == ' ' || (c >= 0x9 && c <= 0xD) || c == 0x85 || Character.isSpaceChar(c);
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
    return text -> what.matcher(new BoundedText(text)).replaceAll(literal);
  }

  /** No white space at the ends. */
  static TextNormalizer strip(boolean left, boolean right) {
    return text -> {
      int start = 0;
      int end = text.length();
      while (left && start < end && isWhiteSpace(text.charAt(start))) {
        start++;
      }
      while (right && end > start && isWhiteSpace(text.charAt(end - 1))) {
        end--;
      }
      return text.substring(start, end);
    };
  }

  /** No marks of any kind. */
  static TextNormalizer stripAccents() {
    return text -> strip(text, true);
  }

  private static String strip(String text, boolean allMarks) {
    StringBuilder kept = new StringBuilder(text.length());
    text.codePoints()
        .filter(c -> {
          int type = Character.getType(c);
          return type != Character.NON_SPACING_MARK
              && !(allMarks
                  && (type == Character.ENCLOSING_MARK
                      || type == Character.COMBINING_SPACING_MARK));
        })
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  /** SentencePiece's changes before a compiled map: no control characters, one kind of space. */
  static TextNormalizer nmt() {
    return text -> {
      StringBuilder out = new StringBuilder(text.length());
      text.codePoints()
          .filter(c ->
              !((c >= 1 && c <= 8)
                  || c == 0xB
                  || (c >= 0xE && c <= 0x1F)
                  || c == 0x7F
                  || c == 0x8F
                  || c == 0x9F))
          .forEach(c -> {
            boolean space =
                c == 9
                    || c == 0xA
                    || c == 0xC
                    || c == 0xD
                    || c == 0x1680
                    || (c >= 0x200B && c <= 0x200F)
                    || c == 0x2028
                    || c == 0x2029
                    || c == 0x2581
                    || c == 0xFEFF
                    || c == 0xFFFD;
            out.appendCodePoint(space ? ' ' : c);
          });
      return out.toString();
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
            boolean space = isWhiteSpace(c);
            int kind = Character.getType(c);
            boolean control =
                c == 0
                    || c == 0xFFFD
                    || (!space
                        && (kind == Character.CONTROL
                            || kind == Character.FORMAT
                            || kind == Character.PRIVATE_USE
                            || kind == Character.UNASSIGNED));
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
        now = strip(Normalizer.normalize(now, Normalizer.Form.NFD), false);
      }
      return lowercase ? lower(now) : now;
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
