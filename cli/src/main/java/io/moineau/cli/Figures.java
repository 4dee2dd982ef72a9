package io.moineau.cli;

import java.util.Locale;

/** Numbers as people read them. */
final class Figures {
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
  private static final String[] COUNTS = {"", "K", "M", "B", "T"};

  private Figures() {}

  /** {@code 1.5 GiB}. */
  static String bytes(long bytes) {
    return scaled(bytes, 1024, BINARY, " ");
  }

  /** {@code 15.7B}: weights, counted in thousands. */
  static String count(long count) {
    return scaled(count, 1000, COUNTS, "");
  }

  /** {@code 1,234,567}. */
  static String grouped(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** A number with so many digits after the point, in English everywhere. */
  static String decimal(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** {@code 850 ms}, {@code 12.3 s}, {@code 4 min 05 s}, {@code 3 h 12 min}. */
  static String duration(double seconds) {
    if (seconds < 1) {
      return Math.round(seconds * 1000) + " ms";
    }
    if (seconds < 60) {
      return decimal(seconds, 1) + " s";
    }
    long whole = Math.round(seconds);
    if (whole < 3600) {
      return whole / 60 + " min " + String.format(Locale.ROOT, "%02d s", whole % 60);
    }
    return whole / 3600 + " h " + String.format(Locale.ROOT, "%02d min", whole % 3600 / 60);
  }

  private static String scaled(long value, int step, String[] units, String gap) {
    double scaled = value;
    int unit = 0;
    while (Math.abs(scaled) >= step && unit < units.length - 1) {
      scaled /= step;
      unit++;
    }
    String number =
        unit == 0 ? Long.toString(value) : decimal(scaled, Math.abs(scaled) < 100 ? 1 : 0);
    if (number.endsWith(".0") && unit > 0 && gap.isEmpty()) {
      number = number.substring(0, number.length() - 2);
    }
    return number + gap + units[unit];
  }
}
