package io.moineau.engine;

import io.moineau.FinishReason;

/** Receives what a sequence generates, on the engine's thread; must not wait. */
public interface TokenSink {
  /** The first tokens of the sequence are about to be computed. */
  default void started() {}

  /**
   * A token was chosen.
   *
   * @param ends whether it ends the answer and so has no text
   * @param logprobs its probability, {@link TokenRanking#NONE} where it was not asked for
   * @return whether the answer is complete, as when a stop string was met
   */
  boolean token(int token, boolean ends, TokenRanking logprobs);

  /** The sequence ended, and its blocks are free. */
  void finished(FinishReason reason);

  /** The sequence failed, and its blocks are free. */
  void failed(RuntimeException error);
}
