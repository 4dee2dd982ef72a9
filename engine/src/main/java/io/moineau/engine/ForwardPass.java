package io.moineau.engine;

/** What the engine asks of a model: to compute a batch, and to hand out logits. */
public interface ForwardPass {
  /**
   * Runs what will call {@link #forward} again and again, on the calling thread: a model may hold
   * the thread near its memory meanwhile.
   */
  default void drive(Runnable work) {
    work.run();
  }

  /** Tokens in the vocabulary. */
  int vocabularySize();

  /**
   * Computes the batch: writes keys and values of its tokens into the blocks of their sequences,
   * and keeps the logits of those whose {@code output} is set.
   */
  void forward(StepBatch batch);

  /** Whether the model has a layer of its own for the token after next. */
  default boolean drafts() {
    return false;
  }

  /**
   * Runs that layer over tokens that come after those of the last forward, writes its keys and
   * values into their blocks, and keeps the logits of those whose {@code output} is set.
   */
  default void draft(DraftBatch batch) {
    throw new UnsupportedOperationException("no layer for the token after next");
  }

  /**
   * Copies logits of the last forward or draft.
   *
   * @param row counts the tokens with {@code output} set, from 0
   * @param target {@code [vocabularySize]}
   */
  void copyLogits(int row, float[] target);
}
