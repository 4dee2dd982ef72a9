package io.moineau;

/** Is told how a load goes on. */
@FunctionalInterface
public interface LoadListener {
  /**
   * A stage was reached.
   *
   * @param stage what is done now, in a few words
   * @param fraction how much of the load is behind, 0 to 1
   */
  void progress(String stage, double fraction);

  /**
   * Weights are being read into memory ({@link PageOptions#populate}); an exception ends the load.
   *
   * @param done bytes read so far
   * @param total bytes of all files
   */
  default void reading(long done, long total) {}
}
