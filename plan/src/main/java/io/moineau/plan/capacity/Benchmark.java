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
 * @param serverTpot seconds per token that nearly all requests must keep
 * @param interactiveTpot the same in the tighter scenario
 */
public record Benchmark(
    String engine,
    String model,
    double inputTokens,
    double outputTokens,
    double spread,
    OptionalDouble serverTpot,
    OptionalDouble interactiveTpot) {
  /** The limit of a scenario, if it has one. */
  OptionalDouble limit(Measurement.Phase phase) {
    return switch (phase) {
      case SERVER -> serverTpot;
      case INTERACTIVE -> interactiveTpot;
      default -> OptionalDouble.empty();
    };
  }
}
