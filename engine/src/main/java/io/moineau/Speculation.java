package io.moineau;

/**
 * Where drafts of tokens come from, which the model then checks several at a time (speculative
 * decoding: Leviathan et al., arXiv 2211.17192). Tokens are the same with and without: a draft is
 * kept as far as the samplers would have chosen it.
 */
public enum Speculation {
  /** {@link #MTP} where the file holds such a layer, and {@link #NGRAM}, while they pay. */
  AUTO,
  /** No drafts. */
  NONE,
  /** What followed the last time that the newest tokens stood in the prompt or the answer. */
  NGRAM,
  /** The model's own layer for the token after next; needs a file that holds one. */
  MTP
}
