package io.moineau.engine;

import io.moineau.engine.sampling.Candidates;

/**
 * Chooses a sequence's next token from its logits: what its constraint forbids is taken away, then
 * its samplers choose; log-probabilities are of the logits before that. Memory is used again.
 */
final class TokenChooser {
  /** No token: a constraint says that the text is whole. */
  static final int NONE = -1;

  private final ForwardPass model;
  private final Candidates candidates;
  private final float[] logits; // [vocabularySize]
  private float[] rawLogits = new float[0]; // as long, once log-probabilities are asked for
  private final AllowedTokens allowed;

  /** {@code ends}: tokens that end a turn. */
  TokenChooser(ForwardPass model, int[] ends) {
    this.allowed = new AllowedTokens(ends);
    this.model = model;
    this.candidates = new Candidates(model.vocabularySize());
    this.logits = new float[model.vocabularySize()];
  }

  /** Memory for the logits of one token. */
  float[] logits() {
    return logits;
  }

  /**
   * The token that follows the one whose logits are in {@code row} of the last forward; {@link
   * #NONE} where a constraint says that the text is whole.
   */
  int choose(Sequence sequence, int row) {
    model.copyLogits(row, logits);
    if (sequence.logprobs >= 0) {
      if (rawLogits.length == 0) {
        rawLogits = new float[logits.length];
      }
      System.arraycopy(logits, 0, rawLogits, 0, logits.length);
    }
    return sequence.constraint == null
            || allowed.apply(sequence.constraint, logits, sequence.stopTokens)
        ? sequence.sampler.sample(logits, candidates)
        : NONE;
  }

  /** How likely the token that was just chosen was, if that was asked for. */
  TokenRanking ranking(Sequence sequence, int token) {
    return sequence.logprobs < 0
        ? TokenRanking.NONE
        : TokenRanking.of(rawLogits, token, sequence.logprobs, candidates);
  }
}
