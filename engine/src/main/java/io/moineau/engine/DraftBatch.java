package io.moineau.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tokens for the model's own drafts: each comes right after one whose state the last forward pass
 * computed, or is the first that a sequence computes. Arrays are filled anew and never given back.
 */
public final class DraftBatch {
  /** Tokens in it. */
  int size;

  final int[] tokens; // [size]
  final int[] positions; // [size]
  final int[] sequences; // [size]: row of blockTables
  final int[] before; // [size]: row of the last forward, or -1
  final boolean[] output; // [size]: whether a draft is wanted
  final @Nullable Sequence[] owners; // [size]
  int[][] blockTables = new int[0][];

  DraftBatch(int maxTokens) {
    tokens = new int[maxTokens];
    positions = new int[maxTokens];
    sequences = new int[maxTokens];
    before = new int[maxTokens];
    output = new boolean[maxTokens];
    owners = new Sequence[maxTokens];
  }

  void clear() {
    Arrays.fill(owners, 0, size, null);
    size = 0;
  }

  boolean isFull() {
    return size == tokens.length;
  }

  void add(Sequence owner, int position, int row, int stateRow, boolean wantsDraft) {
    tokens[size] = owner.tokens.get(position);
    positions[size] = position;
    sequences[size] = row;
    before[size] = stateRow;
    output[size] = wantsDraft;
    owners[size] = owner;
    size++;
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

  /**
   * For each token the one of the last forward pass that stands before it in its sequence; -1 where
   * that was computed earlier, or there is none.
   */
  public int[] before() {
    return before;
  }

  /** For each token whether logits of what follows are wanted. */
  public boolean[] output() {
    return output;
  }

  /** For each sequence its blocks in order of position. */
  public int[][] blockTables() {
    return blockTables;
  }
}
