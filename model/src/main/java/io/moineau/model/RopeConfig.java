package io.moineau.model;

/**
 * Rotary position embedding and how it is stretched to longer contexts.
 *
 * @param dim elements per head that are turned; even
 * @param theta base of the frequencies
 * @param neox pairs are (i, i + dim/2) if true, (2i, 2i + 1) if false
 * @param frequencyScale factor on positions: 1 / scaling factor
 * @param yarn whether frequencies are blended as in YaRN (arXiv 2309.00071)
 * @param originalContextLength context before stretching
 * @param attentionFactor factor on cosine and sine, before YaRN's own
 * @param betaFast YaRN's first border, in turns over the original context
 * @param betaSlow YaRN's second border
 */
public record RopeConfig(
    int dim,
    double theta,
    boolean neox,
    float frequencyScale,
    boolean yarn,
    int originalContextLength,
    float attentionFactor,
    float betaFast,
    float betaSlow) {

  /** The same with another factor on cosine and sine. */
  public RopeConfig withAttentionFactor(float factor) {
    return new RopeConfig(
        dim, theta, neox, frequencyScale, yarn, originalContextLength, factor, betaFast, betaSlow);
  }
}
