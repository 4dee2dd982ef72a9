package io.moineau;

import java.util.List;

/**
 * What a model answered, and what it took.
 *
 * @param message what it said, thought and asked for
 * @param finishReason why it ended; {@link FinishReason#TOOL_CALLS} where it waits for results
 * @param usage tokens
 * @param timings where the time went
 * @param seed the seed that was used
 * @param tokens the tokens generated, the one that ended the turn included
 * @param logprobs one entry per token where {@link Sampling#logprobs()} asked for them, else empty
 */
public record ChatAnswer(
    Message message,
    FinishReason finishReason,
    Usage usage,
    Timings timings,
    long seed,
    List<Integer> tokens,
    List<TokenLogprobs> logprobs) {
  /** Copies the lists. */
  public ChatAnswer {
    tokens = List.copyOf(tokens);
    logprobs = List.copyOf(logprobs);
  }
}
