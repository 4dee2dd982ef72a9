package io.moineau.adapt.block;

/**
 * A linear warm-up, then half a cosine down to a part of the peak (arXiv 1608.03983).
 *
 * @param peak highest rate
 * @param warmupSteps steps until it is reached
 * @param totalSteps steps of the training
 * @param floor part of the peak that the last step has
 */
public record LearningRate(double peak, int warmupSteps, int totalSteps, double floor) {
  /** The rate of step {@code step}, from 0. */
  public double at(int step) {
    if (step < warmupSteps) {
      return peak * (step + 1) / warmupSteps;
    }
    double done = (double) (step - warmupSteps) / Math.max(1, totalSteps - 1 - warmupSteps);
    double cosine = 0.5 * (1 + Math.cos(Math.PI * Math.min(1, done)));
    return peak * (floor + (1 - floor) * cosine);
  }
}
