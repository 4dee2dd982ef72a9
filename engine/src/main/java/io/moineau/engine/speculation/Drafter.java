package io.moineau.engine.speculation;

import io.moineau.engine.sampling.TokenList;

/**
 * The drafts of one sequence: makes them, judges them by the tokens that come, and counts.
 *
 * <p>A draft is made anew for each step and judged even if it is not computed, so that it is known
 * at no cost when drafts begin to be right.
 */
public final class Drafter {
  /** Most tokens of a draft. */
  public static final int MOST_TOKENS = 15;

  /** Kinds of drafts by n-grams: 2, 3, 4 to 7, and 8 tokens that are the same. */
  private static final int KINDS = 4;

  private final TokenList tokens;
  private final int mostTokens;
  private final NgramIndex ngrams;
  private final Trust trust = new Trust(KINDS);
  private final int[] draft = new int[MOST_TOKENS];
  private int size; // 0: no draft, or it turned out wrong
  private int judged;
  private int kind;
  private int planned;
  private int numDrafted;
  private int numAccepted;

  /**
   * Drafts for tokens that others append to.
   *
   * @param mostTokens where the sequence ends at the latest
   */
  public Drafter(TokenList tokens, int mostTokens) {
    this.tokens = tokens;
    this.mostTokens = mostTokens;
    this.ngrams = new NgramIndex(tokens);
  }

  /** Makes a draft; gives how many tokens of it could be checked, none beyond the end. */
  int make() {
    // The last token of all need not be drafted: it comes from the step that checks the draft.
    int most = Math.min(MOST_TOKENS, mostTokens - tokens.size() - 1);
    size = ngrams.draft(draft, most);
    judged = 0;
    planned = 0;
    int same = ngrams.same();
    kind = same >= 8 ? 3 : same >= 4 ? 2 : same == 3 ? 1 : 0;
    return size;
  }

  /** How many of {@code n} tokens of the draft are likely kept. */
  double kept(int n) {
    return trust.kept(kind, n);
  }

  void plan(int n) {
    planned = n;
    numDrafted += n;
  }

  /** Tokens of the draft that this step checks. */
  public int planned() {
    return planned;
  }

  /** Copies the first {@code n} tokens of the draft. */
  public void copyTo(int[] target, int to, int n) {
    System.arraycopy(draft, 0, target, to, n);
  }

  /**
   * Is told the token that was chosen and joined the sequence.
   *
   * @return whether the draft had it and more of the draft's logits are there to be sampled
   */
  public boolean accept(int token) {
    if (judged >= size) {
      return false;
    }
    boolean right = draft[judged] == token;
    trust.judged(kind, right);
    if (!right) {
      size = 0;
      planned = 0;
      return false;
    }
    judged++;
    if (judged > planned) {
      return false;
    }
    numAccepted++;
    return true;
  }

  /** Drops what is planned, as when there is no room for it. */
  public void drop() {
    numDrafted -= planned;
    planned = 0;
  }

  /** Tokens drafted and computed. */
  public int numDrafted() {
    return numDrafted;
  }

  /** Those of them that were chosen. */
  public int numAccepted() {
    return numAccepted;
  }
}
