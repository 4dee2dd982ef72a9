package io.moineau.text;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Turns the regular expressions of tokenizer files, which are written for Rust or Oniguruma, into
 * those of {@link Pattern}: classes mean Unicode, scripts have another name, {@code ^} and {@code
 * $} stand at every line feed (Oniguruma's Ruby syntax) and at no other line end.
 */
final class Regexes {
  private static final Pattern PROPERTY = Pattern.compile("\\\\([pP])\\{(\\^?)([A-Za-z_]+)\\}");

  /**
   * EXAONE's run of words. A group that repeats is matched by recursion unless it is possessive,
   * and nothing follows that it could have to give back to.
   */
  private static final String WORDS = "(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+";

  private static final String WORDS_WITHOUT_RECURSION =
      "\\p{L}[\\p{L}\\p{M}]*+(?: \\p{L}[\\p{L}\\p{M}]*+)*+";

  private Regexes() {}

  static Pattern compile(String source) {
    String translated =
        PROPERTY
            .matcher(source.replace(WORDS, WORDS_WITHOUT_RECURSION))
            .replaceAll(found -> {
              boolean negated = found.group(1).equals("P") != !found.group(2).isEmpty();
              return java.util.regex.Matcher.quoteReplacement(
                  "\\" + (negated ? "P" : "p") + "{" + property(found.group(3)) + "}");
            })
            .replace("[:alpha:]", "\\p{IsAlphabetic}")
            .replace("[:digit:]", "\\p{Nd}")
            .replace("[:space:]", "\\p{IsWhite_Space}")
            .replace("[:punct:]", "\\p{P}");
    try {
      return Pattern.compile(
          translated, Pattern.UNICODE_CHARACTER_CLASS | Pattern.MULTILINE | Pattern.UNIX_LINES);
    } catch (StackOverflowError e) {
      throw new TextException(
          "tokenizer-bad-regex",
          "a tokenizer's regular expression is nested too deeply",
          "an expression of " + source.length() + " characters",
          "some hundred levels",
          "use another tokenizer file");
    } catch (PatternSyntaxException e) {
      throw new TextException(
          "tokenizer-bad-regex",
          "a tokenizer's regular expression cannot be read",
          "\"" + source + "\": " + e.getDescription(),
          "the syntax of Oniguruma, as far as Java has it",
          "use another tokenizer file");
    }
  }

  private static String property(String name) {
    return switch (name) {
      case "Letter" -> "L";
      case "Number" -> "N";
      case "Punctuation" -> "P";
      case "Symbol" -> "S";
      case "Mark" -> "M";
      case "Separator" -> "Z";
      case "Other" -> "C";
      case "Alphabetic", "White_Space", "Uppercase", "Lowercase", "Punct" ->
          "Is" + name.replace("Punct", "Punctuation");
      default -> name.length() > 2 && !name.startsWith("Is") ? "Is" + name : name;
    };
  }
}
