package io.moineau.engine;

/** The tokens that one step computes, of all sequences together. */
public final class StepBatch extends BatchTokens {
  final boolean[] hidden; // [size]: whether the final hidden state is wanted
  int numSequences;
  int numOutputs;
  int numDrafts;
  boolean wantsExperts;
  final Sequence[] scheduled; // [numSequences]
  final int[] counts; // [numSequences]: tokens of the sequence in this step, without drafts
  final int[] drafted; // [numSequences]: drafted tokens after them

  StepBatch(int maxTokens, int maxSequences) {
    super(maxTokens, maxSequences);
    hidden = new boolean[maxTokens];
    scheduled = new Sequence[maxSequences];
    counts = new int[maxSequences];
    drafted = new int[maxSequences];
  }

  void clear() {
    // No reference to a finished sequence stays behind.
    for (int i = 0; i < numSequences; i++) {
      scheduled[i] = null;
      blockTables[i] = null;
    }
    size = 0;
    numSequences = 0;
    numOutputs = 0;
    numDrafts = 0;
    wantsExperts = false;
  }

  /**
   * Adds the next {@code n} tokens of a sequence; logits are wanted if they reach its end, and of
   * each of {@code drafts} tokens that its drafter has for what comes after.
   */
  void add(Sequence sequence, int n, int drafts) {
    int row = numSequences++;
    scheduled[row] = sequence;
    counts[row] = n;
    drafted[row] = drafts;
    blockTables[row] = sequence.blockTable;
    wantsExperts |= sequence.experts != null;
    int from = sequence.numComputed;
    sequence.tokens.copyTo(from, tokens, size, n);
    PooledStates pooled = sequence.pooled;
    for (int i = 0; i < n; i++) {
      positions[size] = from + i;
      sequences[size] = row;
      output[size] = false;
      hidden[size] = pooled != null && pooled.wants(from + i);
      size++;
    }
    if (from + n == sequence.tokens.size() && pooled == null) {
      output[size - 1] = true;
      numOutputs++;
    }
    if (drafts > 0 && sequence.drafter != null) {
      sequence.drafter.copyTo(tokens, size, drafts);
      for (int i = 0; i < drafts; i++) {
        positions[size] = from + n + i;
        sequences[size] = row;
        output[size] = true;
        hidden[size] = false;
        size++;
        numOutputs++;
        numDrafts++;
      }
    }
  }

  /** Sets tokens of one sequence directly, each with its logits or only the last. */
  void setSingle(int[] from, int at, int n, int position, int[] blockTable, boolean allOutputs) {
    clear();
    numSequences = 1;
    blockTables[0] = blockTable;
    for (int i = 0; i < n; i++) {
      tokens[i] = from[at + i];
      positions[i] = position + i;
      sequences[i] = 0;
      output[i] = allOutputs || i == n - 1;
      hidden[i] = false;
    }
    size = n;
    numOutputs = allOutputs ? n : 1;
  }

  /** Whether every sequence has one token in it, and drafts after that. */
  boolean onlyDecodes() {
    return size == numSequences + numDrafts;
  }

  /**
   * Whether there are drafted tokens: then each token must get the bits that it would get alone, so
   * that a draft changes nothing.
   */
  public boolean hasDrafts() {
    return numDrafts > 0;
  }

  /** Whether somebody asks which experts the tokens with logits choose. */
  public boolean wantsExperts() {
    return wantsExperts;
  }

  /** Tokens whose logits are wanted. */
  public int numOutputs() {
    return numOutputs;
  }

  /** For each token whether its final hidden state is wanted. */
  public boolean[] hidden() {
    return hidden;
  }
}
