package io.moineau;

/** The steps between logits and a token, which {@link Sampling#order()} puts in order. */
public enum SamplerKind {
  /** Repetition, frequency and presence penalties. */
  PENALTIES,
  /** Do not repeat yourself: a penalty on what would continue a repetition. */
  DRY,
  /** Keeps logits within n standard deviations of the largest. */
  TOP_N_SIGMA,
  /** Keeps the k most likely. */
  TOP_K,
  /** Keeps those whose information is close to the expected. */
  TYPICAL_P,
  /** Keeps the most likely that hold p of the probability together. */
  TOP_P,
  /** Keeps those at least p times as likely as the most likely. */
  MIN_P,
  /** Now and then drops the most likely. */
  XTC,
  /** Divides by the temperature. */
  TEMPERATURE
}
