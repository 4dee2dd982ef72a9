package io.moineau;

/**
 * Steps of one kind, added up.
 *
 * @param steps how many
 * @param tokens tokens that went through the model in them, recomputed and drafted ones included
 * @param nanos time in them, sampling included
 * @param weightBytes bytes of weights that had to be read: each weight once per step, an expert
 *     only if one of the step's tokens chose it
 * @param kvBytes bytes of keys and values that had to be read: once per step for each sequence and
 *     layer
 */
public record StepTotals(long steps, long tokens, long nanos, long weightBytes, long kvBytes) {
  /** Bytes that had to be read from memory per second of these steps; 0 before the first. */
  public double bytesPerSecond() {
    return nanos == 0 ? 0 : (weightBytes + kvBytes) * 1e9 / nanos;
  }
}
