package io.moineau.engine.sampling;

/**
 * Repetition (CTRL, arXiv 1909.05858, section 4.1), frequency and presence penalties (OpenAI) over
 * the last tokens.
 *
 * <p>CTRL divides; a negative logit is multiplied instead, as llama.cpp does, since dividing it
 * would make its token more likely.
 */
final class PenaltiesSampler implements Sampler {
  private final TokenList history;
  private final int lastN;
  private final float repeat;
  private final float frequency;
  private final float presence;
  private final TokenCounts counts = new TokenCounts();

  /** {@code lastN} of -1 sees the whole history. */
  PenaltiesSampler(TokenList history, int lastN, double repeat, double frequency, double presence) {
    this.history = history;
    this.lastN = lastN;
    this.repeat = (float) repeat;
    this.frequency = (float) frequency;
    this.presence = (float) presence;
    for (int i = lastN < 0 ? 0 : Math.max(0, history.size() - lastN); i < history.size(); i++) {
      counts.add(history.get(i));
    }
  }

  @Override
  public void accept(int token) {
    counts.add(token);
    if (lastN >= 0 && history.size() > lastN) {
      counts.remove(history.fromEnd(lastN));
    }
  }

  @Override
  public void apply(Candidates candidates) {
    if (candidates.isComplete()) {
      for (int slot = 0; slot < counts.slots(); slot++) {
        int count = counts.countAt(slot);
        int token = counts.tokenAt(slot);
        if (count > 0 && token < candidates.size()) {
          penalize(candidates, token, count);
        }
      }
      return;
    }
    for (int i = 0; i < candidates.size(); i++) {
      int count = counts.get(candidates.id(i));
      if (count > 0) {
        penalize(candidates, i, count);
      }
    }
  }

  private void penalize(Candidates candidates, int i, int count) {
    float logit = candidates.logit(i);
    logit = logit <= 0 ? logit * repeat : logit / repeat;
    candidates.setLogit(i, logit - count * frequency - presence);
  }
}
