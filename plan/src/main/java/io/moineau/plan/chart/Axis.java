package io.moineau.plan.chart;

/**
 * An axis of a chart.
 *
 * @param label what it shows, with its unit: {@code output tokens/s}
 * @param logarithmic whether equal factors have equal lengths
 * @param from where it begins; NaN to fit the data
 * @param to where it ends; NaN to fit the data
 * @param withZero whether a linear axis that fits the data shows zero
 */
public record Axis(String label, boolean logarithmic, double from, double to, boolean withZero) {
  /** Checks the ends that are given. */
  public Axis {
    if (from >= to || Double.isInfinite(from) || Double.isInfinite(to)) {
      throw new IllegalArgumentException("from < to, both finite: from=" + from + " to=" + to);
    }
    if (logarithmic && (from <= 0 || to <= 0)) {
      throw new IllegalArgumentException(
          "a logarithmic axis is above zero: from=" + from + " to=" + to);
    }
  }

  /** A linear axis that fits the data. */
  public static Axis linear(String label) {
    return new Axis(label, false, Double.NaN, Double.NaN, false);
  }

  /** A linear axis that begins at zero. */
  public static Axis fromZero(String label) {
    return new Axis(label, false, Double.NaN, Double.NaN, true);
  }

  /** A logarithmic axis that fits the data; what is not above zero is not drawn, and counted. */
  public static Axis log(String label) {
    return new Axis(label, true, Double.NaN, Double.NaN, false);
  }

  /**
   * The same axis with fixed ends; NaN to fit the data. What lies outside is not drawn, and
   * counted.
   */
  public Axis between(double begin, double end) {
    return new Axis(label, logarithmic, begin, end, withZero);
  }
}
