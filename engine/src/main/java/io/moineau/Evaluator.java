package io.moineau;

import java.util.List;

/**
 * Runs tokens through a model and shows the logits, past no sampler and no cache of prefixes.
 *
 * <p>For comparing engines ({@code moineau logits}), perplexity and measuring speed. Calls wait for
 * generations that run, and the other way round.
 */
public interface Evaluator {
  /** Is shown the logits of one position. */
  @FunctionalInterface
  interface LogitsListener {
    /**
     * Logits for the token that follows {@code position}.
     *
     * @param position from 0
     * @param logits {@code [vocabularySize]}, reused after the call
     * @return whether to go on
     */
    boolean logits(int position, float[] logits);
  }

  /**
   * What a prompt gives, in the form of the expected values that engines are compared with.
   *
   * @param lastLogits logits after the last token
   * @param positionArgmax the best next token after each prompt token
   * @param positionGap best minus second-best logit at each
   * @param greedy the tokens that follow when the best is taken each time; ends of turns are not
   *     heeded
   * @param greedyGap best minus second-best logit at each of these steps
   */
  record Evaluation(
      float[] lastLogits,
      List<Integer> positionArgmax,
      List<Float> positionGap,
      List<Integer> greedy,
      List<Float> greedyGap) {}

  /**
   * Evaluates tokens from position 0 and shows the logits of each position in order.
   *
   * @param tokens as they are, with nothing added
   * @param chunkTokens how many to compute in one step; 0 for the default
   */
  void evaluate(int[] tokens, int chunkTokens, LogitsListener listener);

  /** Evaluates tokens, then continues greedily for {@code numGreedy} tokens. */
  Evaluation evaluate(int[] tokens, int chunkTokens, int numGreedy);

  /**
   * Computes {@code numPrompt} tokens in chunks as a prompt and then {@code numGenerate} one by
   * one, with no sampling, as llama-bench does.
   *
   * @return nanoseconds of both parts
   */
  Speed measure(int numPrompt, int numGenerate, int chunkTokens);

  /**
   * Nanoseconds that {@link #measure} took.
   *
   * @param promptNanos for the prompt
   * @param generateNanos for the tokens one by one
   */
  record Speed(long promptNanos, long generateNanos) {}
}
