package io.moineau.cli;

import io.moineau.Generation;
import io.moineau.Moineau;
import io.moineau.Sampling;
import io.moineau.Timings;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** How fast several sequences generate together, the choice of tokens and their text included. */
final class ParallelSpeed {
  /** Tokens that each sequence begins with. */
  static final int PROMPT = 16;

  private final Moineau moineau;
  private final Random random = new Random(42); // other prompts each time: no prefix is found again

  ParallelSpeed(Moineau moineau) {
    this.moineau = moineau;
  }

  /**
   * Generates.
   *
   * @param steps tokens of each sequence after its first
   * @return nanoseconds from its first token to its last, of a sequence on average
   */
  long nanos(int sequences, int steps) {
    Sampling sampling = Sampling.greedy().withIgnoreEos(true).withMaxTokens(1 + steps);
    int vocabulary = moineau.card().vocabularySize();
    List<Generation> running = new ArrayList<>();
    try {
      for (int i = 0; i < sequences; i++) {
        running.add(moineau.generate(random.ints(PROMPT, 0, vocabulary).toArray(), sampling));
      }
      long nanos = 0;
      for (Generation generation : running) {
        Timings timings = generation.answer().timings();
        nanos += timings.decodeNanos();
      }
      return nanos / sequences;
    } finally {
      running.forEach(Generation::close);
    }
  }
}
