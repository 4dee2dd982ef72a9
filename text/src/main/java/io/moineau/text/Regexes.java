package io.moineau.text;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Turns the regular expressions of tokenizer files, which are written for Rust or Oniguruma, into
 * those of {@link Pattern}: classes mean Unicode, scripts have another name.
 */
final class Regexes {
  private static final Pattern PROPERTY = Pattern.compile("\\\\([pP])\\{(\\^?)([A-Za-z_]+)\\}");

  private Regexes() {}

  static Pattern compile(String source) {
    String translated =
        PROPERTY
            .matcher(source)
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
      return Pattern.compile(translated, Pattern.UNICODE_CHARACTER_CLASS);
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
