package io.moineau.engine;

/**
 * How large an engine is.
 *
 * @param contextLength most tokens of one sequence
 * @param blockTokens tokens per block of keys and values
 * @param numBlocks blocks in all: at least those of one whole context
 * @param chunkTokens most tokens of one step
 * @param maxSequences most sequences that run at once
 */
public record EngineLimits(
    int contextLength, int blockTokens, int numBlocks, int chunkTokens, int maxSequences) {
  /**
   * Checks that one whole context fits, so that nothing can wait for ever.
   *
   * @throws EngineException {@code engine-limits}
   */
  public EngineLimits {
    boolean right =
        contextLength > 0
            && blockTokens > 0
            && chunkTokens > 0
            && maxSequences > 0
            && numBlocks >= Math.ceilDiv(contextLength, blockTokens);
    if (!right) {
      throw new EngineException(
          "engine-limits",
          "an engine cannot be so small",
          "contextLength="
              + contextLength
              + " blockTokens="
              + blockTokens
              + " numBlocks="
              + numBlocks
              + " chunkTokens="
              + chunkTokens
              + " maxSequences="
              + maxSequences,
          "values above 0, and blocks for one whole context",
          "raise numBlocks or lower contextLength");
    }
  }

  /** Limits with just the blocks that so many whole contexts need. */
  public static EngineLimits of(
      int contextLength, int blockTokens, int chunkTokens, int maxSequences) {
    int perSequence = Math.ceilDiv(contextLength, blockTokens);
    return new EngineLimits(
        contextLength,
        blockTokens,
        Math.multiplyExact(perSequence, maxSequences),
        chunkTokens,
        maxSequences);
  }
}
