package io.moineau.bench.peers;

import java.util.Map;
import java.util.Optional;

/** A program that is compared. */
interface Contestant {
  /** Its name in tables. */
  String name();

  /** Why it does not take part with this file; empty if it does. */
  Optional<String> whyNot(ModelFile file);

  /**
   * Starts it with a file.
   *
   * @param context most tokens of one sequence
   * @throws PeerException if it cannot load the file
   */
  Session start(ModelFile file, int context);

  /**
   * One repetition.
   *
   * @param tokensPerSecond speed
   * @param others share of the processors that others took meanwhile
   */
  record Repetition(double tokensPerSecond, double others) {
    boolean isClean() {
      return others <= CpuMeter.MOST_OTHERS;
    }
  }

  /** A program with a file loaded. */
  interface Session extends AutoCloseable {
    /** Whether it can measure this. */
    boolean can(Work work);

    /**
     * Measures once.
     *
     * @throws PeerException if the program fails
     */
    Repetition measure(Work work);

    /** Whether repetitions before the first one that counts make it faster. */
    boolean warmsUp();

    /** What it says of itself and the file: {@code load_ns}, {@code setting} and the like. */
    Map<String, String> facts();

    /** Memory and time of its process now; empty where it has none that stays. */
    Optional<ProcessFigures> figures();

    @Override
    void close();
  }
}
