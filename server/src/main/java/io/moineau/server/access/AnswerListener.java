package io.moineau.server.access;

/** Hears what answers took. Called by many threads; must return soon. */
@FunctionalInterface
public interface AnswerListener {
  /** An answer is at its end, whole or not; its client is told after this returns. */
  void ended(AnswerEnd end);
}
