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
}
