package io.moineau.engine;

import io.moineau.engine.sampling.Candidates;

/**
 * The log-probability of a chosen token and of the most likely ones, before any sampler.
 *
 * @param logprob natural logarithm of the chosen token's probability
 * @param topTokens most likely tokens in falling order
 * @param topLogprobs theirs
 */
public record TokenRanking(float logprob, int[] topTokens, float[] topLogprobs) {
  /** Nothing was asked for. */
  public static final TokenRanking NONE = new TokenRanking(Float.NaN, new int[0], new float[0]);

  static TokenRanking of(float[] logits, int chosen, int top, Candidates scratch) {
    scratch.reset(logits);
    float max = scratch.maxLogit();
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - max);
    }
    double logSum = max + Math.log(sum);
    scratch.keepTop(Math.min(top, logits.length));
    int[] tokens = new int[scratch.size()];
    float[] logprobs = new float[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = scratch.id(i);
      logprobs[i] = (float) (scratch.logit(i) - logSum);
    }
    return new TokenRanking((float) (logits[chosen] - logSum), tokens, logprobs);
  }
}
