package io.moineau.plan.chart;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Numbers as people read them on a chart. */
final class Numbers {
  private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E"};
  private static final double PREFIXED = 1e5;
  private static final double SMALLEST_PLAIN = 1e-4;
  private static final double LARGEST = 1e21;
  private static final MathContext THREE_DIGITS = new MathContext(3);

  private final boolean comma;

  Numbers(boolean comma) {
    this.comma = comma;
  }

  /** Three digits: {@code 0.0123}, {@code 45.6}, {@code 12 300}, {@code 1.23M}. */
  String text(double value) {
    if (!Double.isFinite(value)) {
      return "?";
    }
    double size = Math.abs(value);
    if (size == 0) {
      return "0";
    }
    BigDecimal digits = new BigDecimal(value).round(THREE_DIGITS);
    if (size < SMALLEST_PLAIN || size >= LARGEST) {
      int exponent = digits.precision() - digits.scale() - 1;
      return local(stripped(digits.scaleByPowerOfTen(-exponent))) + "e" + exponent;
    }
    int prefix = prefix(digits.abs().doubleValue());
    return local(stripped(digits.movePointLeft(3 * prefix))) + PREFIXES[prefix];
  }

  /**
   * The labels' text on a linear axis, all with the same prefix and as many digits as the step
   * needs.
   *
   * @param largest the largest size of a value on the axis
   */
  String tick(double value, double step, double largest) {
    if (Math.abs(value) < step * 1e-6) {
      return "0";
    }
    boolean plain = largest < LARGEST && largest >= SMALLEST_PLAIN;
    int prefix = plain ? prefix(largest) : 0;
    int exponent = plain ? 3 * prefix : (int) Math.floor(Math.log10(largest));
    double unit = Math.pow(10, exponent);
    int decimals = Math.clamp((long) Math.ceil(-Math.log10(step / unit) - 1e-9), 0, 12);
    BigDecimal rounded = new BigDecimal(value / unit).setScale(decimals, RoundingMode.HALF_EVEN);
    return local(rounded) + (plain ? PREFIXES[prefix] : "e" + exponent);
  }

  private static int prefix(double size) {
    int prefix = 0;
    if (size >= PREFIXED) {
      while (size >= 1000 && prefix < PREFIXES.length - 1) {
        size /= 1000;
        prefix++;
      }
    }
    return prefix;
  }

  private static BigDecimal stripped(BigDecimal number) {
    BigDecimal shortest = number.stripTrailingZeros();
    return shortest.scale() < 0 ? shortest.setScale(0) : shortest;
  }

  /** Groups of three digits have a narrow space between them from 10 000 on. */
  private String local(BigDecimal number) {
    String plain = number.toPlainString();
    int point = plain.indexOf('.');
    String whole = point < 0 ? plain : plain.substring(0, point);
    if (whole.length() - (whole.startsWith("-") ? 1 : 0) > 4) {
      whole = whole.replaceAll("(?<=\\d)(?=(\\d{3})+$)", "\u202f");
    }
    String fraction = point < 0 ? "" : (comma ? "," : ".") + plain.substring(point + 1);
    return whole + fraction;
  }
}
