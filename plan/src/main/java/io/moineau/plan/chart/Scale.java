package io.moineau.plan.chart;

import java.util.ArrayList;
import java.util.List;

/** An axis with its ends and marks: which place a value has. */
final class Scale {
  /** Beyond these, differences and quotients of two values would no longer be numbers. */
  private static final double LARGEST = 1e60;

  private static final double SMALLEST = 1e-60;
  private static final int WANTED_TICKS = 6;

  /** A mark. */
  record Tick(double value, String text) {}

  private final boolean logarithmic;
  private final double low;
  private final double high;
  private final List<Tick> ticks;

  private Scale(boolean logarithmic, double low, double high, List<Tick> ticks) {
    this.logarithmic = logarithmic;
    this.low = low;
    this.high = high;
    this.ticks = ticks;
  }

  /** Whether an axis can show a value, whatever its ends. */
  static boolean shows(Axis axis, double value) {
    double size = Math.abs(value);
    if (axis.logarithmic()) {
      return value > SMALLEST && value < LARGEST;
    }
    return size < LARGEST; // not so for what is not a number
  }

  /**
   * The scale of an axis.
   *
   * @param least the least value to show; more than {@code most} where there is none
   */
  static Scale of(Axis axis, double least, double most, Numbers numbers) {
    boolean isEmpty = !(least <= most);
    double low = isEmpty ? (axis.logarithmic() ? 1 : 0) : least;
    double high = isEmpty ? (axis.logarithmic() ? 10 : 1) : most;
    if (!Double.isNaN(axis.from())) {
      low = axis.from();
      high = Math.max(high, low);
    }
    if (!Double.isNaN(axis.to())) {
      high = axis.to();
      low = Math.min(low, high);
    }
    return axis.logarithmic()
        ? logarithmic(axis, low, high, numbers)
        : linear(axis, low, high, numbers);
  }

  private static Scale linear(Axis axis, double least, double most, Numbers numbers) {
    double low = axis.withZero() ? Math.min(0, least) : least;
    double high = axis.withZero() ? Math.max(0, most) : most;
    if (high - low <= 1e-9 * Math.max(Math.abs(low), Math.abs(high)) || high == low) {
      double pad = low == 0 ? 1 : Math.abs(low) / 10;
      low = Double.isNaN(axis.from()) && !(axis.withZero() && low >= 0) ? low - pad : low;
      high += pad;
    }
    double step = step(high - low);
    low = Double.isNaN(axis.from()) ? Math.floor(low / step + 1e-9) * step : low;
    high = Double.isNaN(axis.to()) ? Math.ceil(high / step - 1e-9) * step : high;
    return new Scale(false, low, high, linearTicks(low, high, step, numbers));
  }

  private static List<Tick> linearTicks(double low, double high, double step, Numbers numbers) {
    double largest = Math.max(Math.abs(low), Math.abs(high));
    List<Tick> ticks = new ArrayList<>();
    double first = Math.ceil(low / step - 1e-9);
    for (int i = 0; i <= 3 * WANTED_TICKS; i++) {
      double value = (first + i) * step;
      if (value > high + step * 1e-6) {
        break;
      }
      ticks.add(new Tick(value, numbers.tick(value, step, largest)));
    }
    return ticks;
  }

  /** 1, 2 or 5 times a power of ten, so that about six marks are made. */
  private static double step(double span) {
    double raw = span / WANTED_TICKS;
    double power = Math.pow(10, Math.floor(Math.log10(raw)));
    double part = raw / power;
    return power * (part > 5 ? 10 : part > 2 ? 5 : part > 1 ? 2 : 1);
  }

  private static Scale logarithmic(Axis axis, double least, double most, Numbers numbers) {
    double low = least;
    double high = most;
    if (high / low < 1.0001) {
      low = Double.isNaN(axis.from()) ? low / 2 : low;
      high = Double.isNaN(axis.to()) ? high * 2 : high;
    }
    low = Double.isNaN(axis.from()) ? rounded(low, false) : low;
    high = Double.isNaN(axis.to()) ? rounded(high, true) : high;
    double decades = Math.log10(high / low);
    List<Tick> ticks = new ArrayList<>();
    int[] mantissas = decades <= 1.1 ? new int[] {1, 2, 3, 5, 7} : new int[] {1, 2, 5};
    mantissas = decades > 3.2 ? new int[] {1} : mantissas;
    int every = Math.max(1, (int) Math.ceil(decades / 8));
    int from = (int) Math.floor(Math.log10(low));
    for (int exponent = from; exponent <= Math.ceil(Math.log10(high)); exponent++) {
      for (int mantissa : mantissas) {
        double value = mantissa * Math.pow(10, exponent);
        boolean inside = value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9);
        if (inside && Math.floorMod(exponent, every) == 0) {
          ticks.add(new Tick(value, numbers.text(value)));
        }
      }
    }
    if (ticks.size() < 3) { // less than a factor of two: powers of ten say nothing there
      ticks = linearTicks(low, high, step(high - low), numbers);
    }
    return new Scale(true, low, high, ticks);
  }

  /** The next of 1, 2, 5 and their tenfolds. */
  private static double rounded(double value, boolean up) {
    double power = Math.pow(10, Math.floor(Math.log10(value) + 1e-12));
    double part = value / power;
    double[] steps = {1, 2, 5, 10};
    double best = up ? 10 : 1;
    for (double step : steps) {
      if (up && step >= part * (1 - 1e-9)) {
        return step * power;
      }
      best = !up && step <= part * (1 + 1e-9) ? step : best;
    }
    return best * power;
  }

  double low() {
    return low;
  }

  double high() {
    return high;
  }

  List<Tick> ticks() {
    return ticks;
  }

  /** Whether a value lies between the ends. */
  boolean holds(double value) {
    double slack = (high - low) * 1e-9;
    return value >= low - slack && value <= high + slack;
  }

  /** Where a value is, 0 at the low end to 1 at the high end; values outside are at the ends. */
  double part(double value) {
    double part =
        logarithmic
            ? Math.log(Math.max(value, low) / low) / Math.log(high / low)
            : (value - low) / (high - low);
    return Math.clamp(part, 0, 1);
  }
}
