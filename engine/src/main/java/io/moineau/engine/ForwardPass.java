package io.moineau.engine;

import java.lang.foreign.MemorySegment;

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

  /** Elements of a hidden state. */
  default int hiddenSize() {
    return 0;
  }

  /**
   * Copies a final hidden state of the last forward.
   *
   * @param index counts the tokens with {@code hidden} set, from 0
   * @param target {@code [hiddenSize]}
   */
  default void copyHidden(int index, float[] target) {
    throw new UnsupportedOperationException("no hidden states");
  }

  /** Bytes of a block's keys and values over all layers. */
  default long blockBytes() {
    return 0;
  }

  /** Copies a block's keys and values to {@code target}, {@code [blockBytes]}. */
  default void readBlock(int block, MemorySegment target) {
    throw new UnsupportedOperationException("no blocks to copy");
  }

  /** Sets a block's keys and values to what {@link #readBlock} gave. */
  default void writeBlock(int block, MemorySegment source) {
    throw new UnsupportedOperationException("no blocks to copy");
  }

  /**
   * Computes the batch: writes keys and values of its tokens into the blocks of their sequences,
   * and keeps the logits of those whose {@code output} is set and the final hidden states of those
   * whose {@code hidden} is.
   */
  void forward(StepBatch batch);

  /** Bytes of weights that passes had to read from memory up to now. */
  default long weightBytesRead() {
    return 0;
  }

  /** Bytes of keys and values that passes had to read from memory up to now. */
  default long kvBytesRead() {
    return 0;
  }

  /** Counters of the experts that one answer uses; with none in them for a dense model. */
  default ExpertTally newTally() {
    return new ExpertTally(new int[0], 0);
  }

  /**
   * Adds what a token chose in the last forward, whose batch must have wanted that.
   *
   * @param row counts the tokens with {@code output} set, from 0
   */
  default void addExperts(ExpertTally tally, int row) {}

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
