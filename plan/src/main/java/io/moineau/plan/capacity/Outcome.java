package io.moineau.plan.capacity;

/**
 * What one configuration comes to, as plain numbers: for sweeps over very many.
 *
 * @param fits whether the memory is enough
 * @param meets whether it fits and the limits are met
 * @param memoryShare needed memory divided by what the chip has
 * @param ttft seconds to the first token
 * @param tpot seconds for each later token
 * @param prefillTokensPerSecond of all chips that compute prompts, if they did nothing else
 * @param decodeTokensPerSecond of all chips that generate, if they did nothing else
 * @param outputTokensPerSecond of the whole system
 * @param bound what most of a step of decoding is spent on
 * @param watts of all chips; NaN where a chip's power is not known
 * @param usdPerMillionTokens of output; NaN without prices
 */
public record Outcome(
    boolean fits,
    boolean meets,
    double memoryShare,
    double ttft,
    double tpot,
    double prefillTokensPerSecond,
    double decodeTokensPerSecond,
    double outputTokensPerSecond,
    Bound bound,
    double watts,
    double usdPerMillionTokens) {
  /** Energy of an output token; NaN where the power is not known. */
  public double joulesPerToken() {
    return watts / outputTokensPerSecond;
  }
}
