package io.moineau.engine;

/** Tokens that are computed together: arrays that are filled anew and never given back. */
public abstract sealed class BatchTokens permits StepBatch, DraftBatch {
  /** Tokens in it. */
  int size;

  final int[] tokens; // [size]
  final int[] positions; // [size]
  final int[] sequences; // [size]: row of blockTables
  final boolean[] output; // [size]: whether logits are wanted
  int[][] blockTables; // [numSequences][]

  BatchTokens(int maxTokens, int maxSequences) {
    tokens = new int[maxTokens];
    positions = new int[maxTokens];
    sequences = new int[maxTokens];
    output = new boolean[maxTokens];
    blockTables = new int[maxSequences][];
  }

  /** Tokens in it. */
  public int size() {
    return size;
  }

  /** Token ids; the first {@link #size()} count. */
  public int[] tokens() {
    return tokens;
  }

  /** Positions in their sequences. */
  public int[] positions() {
    return positions;
  }

  /** For each token the row of {@link #blockTables()}. */
  public int[] sequences() {
    return sequences;
  }

  /** For each token whether its logits are wanted. */
  public boolean[] output() {
    return output;
  }

  /** For each sequence its blocks in order of position. */
  public int[][] blockTables() {
    return blockTables;
  }
}
