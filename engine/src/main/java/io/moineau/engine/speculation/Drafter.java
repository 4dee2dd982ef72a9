package io.moineau.engine.speculation;

import io.moineau.engine.sampling.TokenList;
import org.jspecify.annotations.Nullable;

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
  private static final int NGRAM_KINDS = 4;

  /** The kind of the model's own drafts. */
  private static final int OWN = NGRAM_KINDS;

  private final TokenList tokens;
  private final int mostTokens;
  private final @Nullable NgramIndex ngrams;
  private final Trust trust = new Trust(NGRAM_KINDS + 1);
  private final int[] draft = new int[MOST_TOKENS];
  private int size; // 0: no draft, or it turned out wrong
  private int judged;
  private int kind;
  private int planned;
  private int own;
  private int ownAt = -1; // the position that the model's own draft is for
  private int ownJudged;
  private boolean ownGivenUp;
  private int numDrafted;
  private int numAccepted;

  /**
   * Drafts for tokens that others append to.
   *
   * @param mostTokens where the sequence ends at the latest
   * @param withNgrams whether what stood before is looked up; the model may draft in any case
   */
  Drafter(TokenList tokens, int mostTokens, boolean withNgrams) {
    this.tokens = tokens;
    this.mostTokens = mostTokens;
    this.ngrams = withNgrams ? new NgramIndex(tokens) : null;
  }

  /** Makes a draft; gives how many tokens of it could be checked, none beyond the end. */
  int make() {
    // The last token of all need not be drafted: it comes from the step that checks the draft.
    int most = Math.min(MOST_TOKENS, mostTokens - tokens.size() - 1);
    judged = 0;
    planned = 0;
    size = 0;
    if (ngrams != null) {
      size = ngrams.draft(draft, most);
      int same = ngrams.same();
      kind = same >= 8 ? 3 : same >= 4 ? 2 : same == 3 ? 1 : 0;
    }
    boolean better = size == 0 || (draft[0] != own && trust.right(OWN) > trust.right(kind));
    if (ownAt == tokens.size() && most > 0 && better) {
      draft[0] = own;
      size = 1;
      kind = OWN;
    }
    return size;
  }

  /** Takes the model's own draft of the token that comes next. */
  public void ownDraft(int token) {
    own = token;
    ownAt = tokens.size();
  }

  /** Whether no draft is needed any more. */
  public boolean isAtEnd() {
    return tokens.size() + 1 >= mostTokens;
  }

  /** Whether the model's own layer is to run for this sequence. */
  public boolean ownGoesOn() {
    return !ownGivenUp;
  }

  /** Ends the model's own drafts for this sequence. */
  public void giveUpOwn() {
    ownGivenUp = true;
  }

  /** Share of the model's own drafts that were right; 1 until {@code fewest} were judged. */
  double ownRight(int fewest) {
    return ownJudged < fewest ? 1 : trust.right(OWN);
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
    if (ownAt == tokens.size() - 1) {
      trust.judged(OWN, own == token);
      ownJudged++;
    }
    if (judged >= size) {
      return false;
    }
    boolean right = draft[judged] == token;
    if (kind != OWN) {
      trust.judged(kind, right);
    }
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
