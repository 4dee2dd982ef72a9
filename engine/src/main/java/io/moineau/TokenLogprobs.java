package io.moineau;

import java.util.List;

/**
 * The chosen token of one step with its probability, and the most likely ones.
 *
 * @param chosen the token that was sampled
 * @param top the most likely tokens in falling order, as many as were asked for
 */
public record TokenLogprobs(TokenLogprob chosen, List<TokenLogprob> top) {
  /** Copies the list. */
  public TokenLogprobs {
    top = List.copyOf(top);
  }
}
