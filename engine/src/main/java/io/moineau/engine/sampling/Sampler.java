package io.moineau.engine.sampling;

/** One step between logits and a token. */
interface Sampler {
  /** Drops candidates, or changes logits. */
  void apply(Candidates candidates);

  /** Is told each token that joined the history, prompt included. */
  default void accept(int token) {}
}
