package io.moineau.plan.capacity;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * How good estimates are, from their ratios to what was measured.
 *
 * @param rows that were compared
 * @param medianError half of the rows are off by less: 0.2 is a fifth of what was measured
 * @param near share of the rows that are estimated within a factor of 1.5, either way
 * @param bias how much too high (or, below 0, too low) the middle estimate is
 */
public record Score(int rows, double medianError, double near, double bias) {
  /** The factor within which an estimate counts as near. */
  public static final double NEAR = 1.5;

  /** The score of some ratios. */
  public static Score of(List<Double> ratios) {
    double[] errors = ratios.stream().mapToDouble(ratio -> Math.abs(ratio - 1)).toArray();
    double[] sorted = ratios.stream().mapToDouble(Double::doubleValue).toArray();
    double near = ratios.stream().filter(Score::isNear).count();
    return new Score(
        ratios.size(), median(errors), near / Math.max(1, ratios.size()), median(sorted) - 1);
  }

  /** Whether an estimate is within the factor. */
  public static boolean isNear(double ratio) {
    return ratio <= NEAR && ratio >= 1 / NEAR;
  }

  private static double median(double[] values) {
    if (values.length == 0) {
      return Double.NaN;
    }
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }

  /** {@code 118 rows: median error 17 %, 89 % within a factor of 1.5, bias +5 %}. */
  public String text() {
    return String.format(
        Locale.ROOT,
        "%d rows: median error %.1f %%, %.1f %% within a factor of 1.5, bias %+.1f %%",
        rows,
        100 * medianError,
        100 * near,
        100 * bias);
  }
}
