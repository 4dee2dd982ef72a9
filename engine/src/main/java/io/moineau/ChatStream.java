package io.moineau;

import io.moineau.text.answer.AnswerPart;
import java.util.Iterator;
import java.util.List;

/**
 * An answer to a {@link ChatRequest} as it is made: reasoning, text and calls of tools in pieces,
 * then the whole.
 *
 * <p>Used by one thread, but for {@link #cancel()}, which any thread may call. Closing one that is
 * not at its end cancels it.
 */
public interface ChatStream extends Iterator<AnswerPart>, AutoCloseable {
  /** Waits until there is more or the end is reached. */
  @Override
  boolean hasNext();

  /** Ends the answer where it is; its memory is free within one step. */
  void cancel();

  /** Waits for the end and tells the whole, pieces already taken included. */
  ChatAnswer answer();

  /** Tokens up to now: those of the prompt stand from the beginning. */
  Usage usage();

  /** The stop string that ended the answer; empty while none did. */
  String stopString();

  /**
   * Log-probabilities of the tokens made up to now, from one on; none where they were not asked
   * for.
   *
   * @param first how many to leave out
   */
  default List<TokenLogprobs> logprobsFrom(int first) {
    return List.of();
  }

  /** The seed in use. */
  long seed();

  /** Cancels what is not finished. */
  @Override
  void close();
}
