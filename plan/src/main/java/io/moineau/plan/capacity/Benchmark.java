package io.moineau.plan.capacity;

import java.util.OptionalDouble;

/**
 * What a benchmark's rules and data set say of all its rows of a model.
 *
 * @param engine that the names of its rows contain
 * @param model by the name that {@link Models} knows
 * @param inputTokens of a prompt, on average
 * @param outputTokens of an answer, on average
 * @param spread variance of the answers' lengths, over the square of their mean
 * @param longest tokens of the longest answer
 * @param seconds that a run takes
 * @param serverTpot seconds per token that nearly all requests must keep
 * @param interactiveTpot the same in the tighter scenario
 */
public record Benchmark(
    String engine,
    String model,
    double inputTokens,
    double outputTokens,
    double spread,
    double longest,
    double seconds,
    OptionalDouble serverTpot,
    OptionalDouble interactiveTpot) {
  /**
   * The share of a batch that is filled over a run: at its end the longest answers are alone, and
   * what they take counts.
   *
   * @param tpot seconds per token with a full batch; with few left it is about half
   */
  double filled(double tpot) {
    return seconds > 0 ? 1 / (1 + longest * tpot / 2 / seconds) : 1;
  }

  /** The limit of a scenario, if it has one. */
  OptionalDouble limit(Measurement.Phase phase) {
    return switch (phase) {
      case SERVER -> serverTpot;
      case INTERACTIVE -> interactiveTpot;
      default -> OptionalDouble.empty();
    };
  }
}
