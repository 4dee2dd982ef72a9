package io.moineau.model;

/**
 * Tokens of one forward pass, of one sequence or of many: chunks of prompts and single tokens
 * alike.
 *
 * <p>Arrays are kept and filled again; only the first {@link #size} entries count.
 */
public final class Batch {
  /** Tokens in this pass. */
  public int size;

  /** Token ids, {@code [capacity]}. */
  public final int[] tokens;

  /** Position of each token in its sequence, {@code [capacity]}. */
  public final int[] positions;

  /** Row of {@link #blockTables} of each token, {@code [capacity]}. */
  public final int[] sequences;

  /** Whether logits are wanted, {@code [capacity]}. */
  public final boolean[] output;

  /**
   * Whether the final hidden state is wanted, of tokens that want no logits, {@code [capacity]}.
   */
  public final boolean[] hidden;

  /** Whether each token must get the bits that it would get alone: Kernels.asAlone. */
  public boolean alone;

  /** KV blocks of each sequence in order of position. */
  public int[][] blockTables = new int[0][];

  /** An empty batch for up to {@code capacity} tokens. */
  public Batch(int capacity) {
    tokens = new int[capacity];
    positions = new int[capacity];
    sequences = new int[capacity];
    output = new boolean[capacity];
    hidden = new boolean[capacity];
  }

  /** Takes all tokens out. */
  public void clear() {
    size = 0;
  }

  /** Adds a token. */
  public void add(int token, int position, int sequence, boolean wantsLogits) {
    tokens[size] = token;
    positions[size] = position;
    sequences[size] = sequence;
    output[size] = wantsLogits;
    hidden[size] = false;
    size++;
  }

  /** Tokens whose logits are wanted. */
  public int outputs() {
    int count = 0;
    for (int i = 0; i < size; i++) {
      count += output[i] ? 1 : 0;
    }
    return count;
  }
}
