package io.moineau.cli;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads {@code 2s}, {@code 50ms}, {@code 1.5 s}, {@code 2min}. */
final class Durations {
  private static final Pattern TEXT =
      Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?) ?(us|ms|s|min|h)");

  private Durations() {}

  /**
   * Seconds.
   *
   * @param option that has the text
   * @throws CliException {@code bad-duration}
   */
  static double seconds(String option, String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new CliException(
          "bad-duration",
          "this is no duration",
          option + " '" + text + "'",
          "a number with us, ms, s, min or h: 50ms, 2s, 1.5s",
          "");
    }
    double number = Double.parseDouble(matcher.group(1));
    return switch (matcher.group(2)) {
      case "us" -> number / 1e6;
      case "ms" -> number / 1e3;
      case "min" -> number * 60;
      case "h" -> number * 3600;
      default -> number;
    };
  }
}
