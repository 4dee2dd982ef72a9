package io.moineau.plan.capacity;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An estimate with the range that it is believed to lie in.
 *
 * @param low nine in ten are above
 * @param value the best guess
 * @param high nine in ten are below
 */
public record Range(double low, double value, double high) {
  /** What cannot be said, as a figure is missing. */
  public static final Range UNKNOWN = new Range(Double.NaN, Double.NaN, Double.NaN);

  /** Checks the order. */
  public Range {
    if (low > value || value > high) {
      throw new IllegalArgumentException(
          "low <= value <= high: low=" + low + " value=" + value + " high=" + high);
    }
  }

  /** A value that may be {@code spread} times less or more. */
  public static Range around(double value, double spread) {
    return new Range(value / spread, value, value * spread);
  }

  /** Whether it can be said. */
  public boolean known() {
    return !Double.isNaN(value);
  }

  /** All three multiplied by a number that is not negative. */
  public Range times(double factor) {
    return new Range(low * factor, value * factor, high * factor);
  }

  /** One divided by it: the low end becomes the high one. */
  public Range inverse() {
    return new Range(1 / high, 1 / value, 1 / low);
  }

  /** {@code 1.23 (0.9 to 1.7) s}, or {@code unknown}. */
  public String text(String unit) {
    return known()
        ? number(value) + " (" + number(low) + " to " + number(high) + ") " + unit
        : "unknown";
  }

  /** A number with three digits that matter and no exponent; a point whatever the place. */
  public static String number(double number) {
    double size = Math.abs(number);
    if (size == 0) {
      return "0";
    }
    if (!Double.isFinite(number)) {
      return String.valueOf(number);
    }
    if (size >= 100) {
      double unit = Math.pow(10, Math.max(0, Math.floor(Math.log10(size)) - 2));
      return String.format(Locale.ROOT, "%,d", Math.round(Math.round(number / unit) * unit));
    }
    int digits = (int) Math.min(9, Math.max(0, 2 - Math.floor(Math.log10(size))));
    return String.format(Locale.ROOT, "%." + digits + "f", number);
  }

  /** As plain values for JSON; {@code null} for what cannot be said. */
  public Map<String, @Nullable Object> json() {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("low", plain(low));
    json.put("value", plain(value));
    json.put("high", plain(high));
    return json;
  }

  static @Nullable Object plain(double number) {
    return Double.isFinite(number) ? (Object) number : null;
  }
}
