package io.moineau.text;

/**
 * Which tokens may come next in one text: a grammar, a schema. Holds the state of that text; used
 * by one thread at a time.
 */
public interface TokenConstraint {
  /**
   * Tells which tokens may come next; those that end an answer only where the text may end.
   *
   * @param mask {@code [ceil(vocabularySize / 64)]}: bit {@code t % 64} of word {@code t / 64} is
   *     set where token {@code t} may come; all words are overwritten
   */
  void allowed(long[] mask);

  /**
   * Goes on by a token.
   *
   * @throws IllegalStateException if it is not allowed here
   */
  void accept(int token);

  /** Whether the text may end here. */
  boolean canEnd();

  /** The same state, independent of this one: for trying out what may be taken back. */
  TokenConstraint copy();
}
