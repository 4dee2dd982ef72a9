package io.moineau;

import java.util.List;

/**
 * What a model said, and what it took.
 *
 * @param text the text, without the stop string or the token that ended it
 * @param finishReason why it ended
 * @param usage tokens
 * @param timings where the time went
 * @param seed the seed that was used: with it, the same model and the same request give the same
 *     tokens again
 * @param tokens the tokens generated, the one that ended the turn included
 * @param logprobs one entry per token where {@link Sampling#logprobs()} asked for them, else empty
 */
public record Answer(
    String text,
    FinishReason finishReason,
    Usage usage,
    Timings timings,
    long seed,
    List<Integer> tokens,
    List<TokenLogprobs> logprobs) {
  /** Copies the lists. */
  public Answer {
    tokens = List.copyOf(tokens);
    logprobs = List.copyOf(logprobs);
  }
}
