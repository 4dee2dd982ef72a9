package io.moineau;

/** What is done about memory that is nearer to some cores than to others. */
public enum NumaMode {
  /** Pages lie where the system puts them. */
  OFF,
  /**
   * Weights are shared out to the nodes while they are read, and keys and values are spread over
   * them; where there is but one node, or threads are not pinned, a note of the card says so.
   */
  DISTRIBUTE
}
