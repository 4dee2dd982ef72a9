package io.moineau.server.access;

/** Leave to make an answer: it says how far the answer may go, and hears of its end. */
@FunctionalInterface
public interface Admission extends AnswerListener {
  /**
   * Whether the answer may have one more token. Called after each token by the thread that makes
   * them, so it must return at once.
   *
   * @param tokens made up to now
   */
  default boolean allows(int tokens) {
    return true;
  }
}
