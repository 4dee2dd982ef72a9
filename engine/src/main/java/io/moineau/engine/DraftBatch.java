package io.moineau.engine;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Tokens for the model's own drafts: each comes right after one whose state the last forward pass
 * computed, or is the first that a sequence computes.
 */
public final class DraftBatch extends BatchTokens {
  final int[] before; // [size]: row of the last forward, or -1
  final @Nullable Sequence[] owners; // [size]

  DraftBatch(int maxTokens) {
    super(maxTokens, 0);
    before = new int[maxTokens];
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

  /**
   * For each token the one of the last forward pass that stands before it in its sequence; -1 where
   * that was computed earlier, or there is none.
   */
  public int[] before() {
    return before;
  }
}
