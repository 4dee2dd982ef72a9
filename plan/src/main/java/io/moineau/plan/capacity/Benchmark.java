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
 * @param serverTtft seconds to the first token that nearly all requests must keep
 * @param interactiveTtft the same in the tighter scenario
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
    OptionalDouble serverTtft,
    OptionalDouble interactiveTtft,
    OptionalDouble serverTpot,
    OptionalDouble interactiveTpot) {
  private static final double LATE = 0.01; // one of 100
  private static final int HALVINGS = 30;

  /**
   * The share of a batch that is filled over a run: at its end the longest answers are alone, and
   * what they take counts.
   *
   * @param tpot seconds per token with a full batch; with few left it is about half
   */
  double filled(double tpot) {
    return seconds > 0 ? 1 / (1 + longest * tpot / 2 / seconds) : 1;
  }

  /**
   * The share of the highest rate at which 99 of 100 requests that arrive at random still have
   * their first token in time: a queue with one server and equal times of service, of which the
   * wait exceeds t with a probability of about share x exp(-2 (1 - share) t / service) (Kingman's
   * approximation).
   *
   * @param service seconds that a prompt takes
   */
  double share(Measurement.Phase phase, double service) {
    OptionalDouble limit = phase == Measurement.Phase.INTERACTIVE ? interactiveTtft : serverTtft;
    if (limit.isEmpty()) {
      return 1;
    }
    double wait = limit.getAsDouble() - service;
    double low = 0;
    double high = 1;
    for (int i = 0; i < HALVINGS; i++) {
      double share = (low + high) / 2;
      if (share * Math.exp(-2 * (1 - share) * wait / service) <= LATE) {
        low = share;
      } else {
        high = share;
      }
    }
    return low;
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
