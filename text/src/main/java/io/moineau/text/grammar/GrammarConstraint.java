package io.moineau.text.grammar;

import io.moineau.text.TokenConstraint;

/** The state of one text under a grammar. */
final class GrammarConstraint implements TokenConstraint {
  private final MaskTable masks;
  private State state;
  private boolean ended;

  GrammarConstraint(MaskTable masks) {
    this(masks, masks.start(), false);
    MaskWorker.prepare(masks, state);
  }

  private GrammarConstraint(MaskTable masks, State state, boolean ended) {
    this.masks = masks;
    this.state = state;
    this.ended = ended;
  }

  @Override
  public void allowed(long[] mask) {
    int words = Math.ceilDiv(masks.vocabulary().size(), Long.SIZE);
    if (mask.length != words) {
      throw new IllegalArgumentException(
          "a mask has one bit for each token: words=" + mask.length + ", needed=" + words);
    }
    if (ended) {
      java.util.Arrays.fill(mask, 0);
      for (int token : masks.vocabulary().ends()) {
        mask[token >> 6] |= 1L << token;
      }
      return;
    }
    System.arraycopy(masks.mask(state), 0, mask, 0, words);
  }

  @Override
  public void accept(int token) {
    boolean known = token >= 0 && token < masks.vocabulary().size();
    if (known && !ended) {
      State after = masks.next(state, token);
      if (!after.isDead()) {
        state = after;
        MaskWorker.prepare(masks, state);
        return;
      }
    }
    if (!known || !masks.vocabulary().isEnd(token) || !canEnd()) {
      throw new IllegalStateException("the grammar does not allow token " + token + " here");
    }
    ended = true;
  }

  @Override
  public boolean canEnd() {
    return ended || state.ends;
  }

  @Override
  public TokenConstraint copy() {
    return new GrammarConstraint(masks, state, ended);
  }
}
