package io.moineau;

import java.util.Iterator;
import java.util.List;

/**
 * An answer as it is made: pieces of text, then the whole.
 *
 * <p>Used by one thread, but for {@link #cancel()}, which any thread may call. Closing one that is
 * not at its end cancels it.
 */
public interface Generation extends Iterator<String>, AutoCloseable {
  /** Waits until there is more text or the end is reached. */
  @Override
  boolean hasNext();

  /** The next piece of text, never empty and never half a character. */
  @Override
  String next();

  /**
   * Ends the answer where it is; its memory is free within one step. Does nothing at the end.
   * {@link #answer()} then says {@link FinishReason#CANCELLED}.
   */
  void cancel();

  /** Waits for the end and tells the whole, pieces already taken included. */
  Answer answer();

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

  /** The stop string that ended the text; empty while none did. */
  String stopString();

  /** Tokens made up to now. */
  int tokensSoFar();

  /** Cancels what is not finished. */
  @Override
  void close();
}
