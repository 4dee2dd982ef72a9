package io.moineau;

import java.util.Map;

/**
 * What an engine does and has done since it was opened. Figures of one moment come from the end of
 * the last step.
 *
 * @param running sequences that have blocks
 * @param waiting requests that have none: new ones, and those whose blocks were taken
 * @param runningByShare {@code running}, by {@link ChatRequest#share}; shares with none left out
 * @param waitingByShare {@code waiting}, in the same way
 * @param blocks blocks of keys and values
 * @param usedBlocks those of running sequences
 * @param cachedBlocks those that are free and hold a beginning for later
 * @param blockTokens tokens per block
 * @param requests requests taken
 * @param refused requests refused because the queue was full
 * @param finished requests that came to their end
 * @param cancelled requests that were cancelled
 * @param failed requests that ended in an error
 * @param promptTokens tokens of prompts that began to be computed, cached ones included
 * @param cachedTokens those of them that were found in the prefix cache
 * @param generatedTokens tokens generated
 * @param preemptions how often a sequence lost its blocks to another
 * @param draftedTokens tokens drafted and computed for requests that ended
 * @param acceptedTokens those of them that were right
 * @param decodeSteps steps in which every sequence got its next token
 * @param promptSteps steps with prompts, or parts of prompts, among their tokens
 */
public record EngineStats(
    int running,
    int waiting,
    Map<String, Integer> runningByShare,
    Map<String, Integer> waitingByShare,
    int blocks,
    int usedBlocks,
    int cachedBlocks,
    int blockTokens,
    long requests,
    long refused,
    long finished,
    long cancelled,
    long failed,
    long promptTokens,
    long cachedTokens,
    long generatedTokens,
    long preemptions,
    long draftedTokens,
    long acceptedTokens,
    StepTotals decodeSteps,
    StepTotals promptSteps) {
  /** Copies the maps. */
  public EngineStats {
    runningByShare = Map.copyOf(runningByShare);
    waitingByShare = Map.copyOf(waitingByShare);
  }

  /** Blocks that no running sequence uses, cached ones included. */
  public int freeBlocks() {
    return blocks - usedBlocks;
  }

  /** Steps of both kinds. */
  public long steps() {
    return decodeSteps.steps() + promptSteps.steps();
  }

  /** Tokens that went through the model, recomputed ones included. */
  public long computedTokens() {
    return decodeSteps.tokens() + promptSteps.tokens();
  }

  /** Time in steps. */
  public long busyNanos() {
    return decodeSteps.nanos() + promptSteps.nanos();
  }

  /** Tokens per step; 0 before the first. */
  public double meanTokensPerStep() {
    return steps() == 0 ? 0 : (double) computedTokens() / steps();
  }
}
