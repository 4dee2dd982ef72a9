package io.moineau.adapt;

/** Is told how a training goes, on its thread. */
public interface TrainingListener {
  /** Something before the first step is done to this part. */
  default void preparing(String what, long done, long total) {}

  /** A fact about the run, as a line for people. */
  default void remark(String line) {}

  /** A step was done. */
  default void step(TrainingLog.Row row, int steps) {}

  /** The model went on from a text. */
  default void sample(int step, String text) {}

  /** Whether to stop before the next step; a checkpoint is written first. */
  default boolean stops() {
    return false;
  }
}
