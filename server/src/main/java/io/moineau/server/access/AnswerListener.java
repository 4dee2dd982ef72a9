package io.moineau.server.access;

/** Hears what answers took. Called by many threads; must return soon. */
@FunctionalInterface
public interface AnswerListener {
  /** An answer is at its end, whole or not. */
  void ended(AnswerEnd end);
}
