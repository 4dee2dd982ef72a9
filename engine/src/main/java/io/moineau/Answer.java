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
 * @param experts which experts of a mixture-of-experts model the answer used, most used first,
 *     where that was asked for, else empty. A token counts once in each layer for each expert that
 *     was chosen where the token was about to be said: so the figures of a layer add up to tokens
 *     times experts per token, and are the same whatever was cached, preempted or drafted
 */
public record Answer(
    String text,
    FinishReason finishReason,
    Usage usage,
    Timings timings,
    long seed,
    List<Integer> tokens,
    List<TokenLogprobs> logprobs,
    List<ExpertUse> experts) {
  /** Copies the lists. */
  public Answer {
    tokens = List.copyOf(tokens);
    logprobs = List.copyOf(logprobs);
    experts = List.copyOf(experts);
  }
}
