package io.moineau.plan.placement;

import java.util.Locale;

/** Numbers as people read them. */
final class Numbers {
  private Numbers() {}

  /** {@code 43 %} or {@code 43.2 %}. */
  static String percent(double part) {
    String text = String.format(Locale.ROOT, "%.1f", 100 * part);
    return (text.endsWith(".0") ? text.substring(0, text.length() - 2) : text) + " %";
  }

  /** Three to four digits: {@code 0.125}, {@code 12.5}, {@code 1250}. */
  static String plain(double number) {
    double size = Math.abs(number);
    if (size == 0 || size >= 999.5 || size >= 1 && number == Math.rint(number)) {
      return String.format(Locale.ROOT, "%.0f", number);
    }
    String text =
        String.format(Locale.ROOT, size >= 100 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", number);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }

  /** {@code 1.2 s} or {@code 48 ms}. */
  static String seconds(double seconds) {
    return seconds >= 1 ? plain(seconds) + " s" : plain(1000 * seconds) + " ms";
  }
}
