package io.moineau.engine;

import io.moineau.ExpertUse;
import io.moineau.engine.prefix.PendingLoad;
import io.moineau.engine.sampling.SamplerChain;
import io.moineau.engine.sampling.TokenList;
import io.moineau.engine.speculation.Drafter;
import io.moineau.text.TokenConstraint;
import java.util.List;
import java.util.Objects;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * One request on its way: its tokens, the blocks that hold their keys and values, and the state of
 * its samplers. Everything but {@link #cancel()} belongs to the engine's thread.
 */
public final class Sequence {
  /** Where a sequence is. */
  public enum Status {
    /** No blocks: new, or preempted. */
    WAITING,
    /** Its tokens are being computed. */
    RUNNING,
    /** Over. */
    FINISHED
  }

  final TokenList tokens;
  final int promptLength;
  final int maxTokens;
  final int logprobs;
  final SamplerChain sampler;
  final @Nullable TokenConstraint constraint;
  final String share;
  final IntPredicate allowance; // whether one more token may come after so many
  final int[] stopTokens;
  final TokenSink sink;
  final @Nullable PooledStates pooled; // where an embedding is wanted and no tokens
  final int[] blockTable; // as many as the context needs
  int numBlocks;

  /** Tokens whose keys and values stand in the blocks. */
  int numComputed;

  /** Positions whose keys and values the layer for the token after next has written. */
  int numDraftKv;

  /** Blocks that are full and entered in the prefix cache, and the hash of the last. */
  int numHashed;

  long lastHash;
  int numCached = -1; // -1 until first scheduled
  int numCharged; // tokens that its share was charged for
  Share owner = Share.NONE;
  @Nullable PendingLoad load; // blocks that are read for it, from when it was first looked for
  final long number; // in order of submission
  final long submittedAt = System.nanoTime();
  int preemptions;

  /** Drafts tokens, if that is on; the engine sets it before the sequence is submitted. */
  @Nullable Drafter drafter;

  /** Which experts its answer uses, where that is asked for; set before it is submitted. */
  @Nullable ExpertTally experts;

  Status status = Status.WAITING;
  boolean inBatch;
  private volatile boolean cancelled;

  Sequence(
      TokenList tokens,
      int maxTokens,
      int logprobs,
      SamplerChain sampler,
      @Nullable TokenConstraint constraint,
      String share,
      IntPredicate allowance,
      int[] stopTokens,
      TokenSink sink,
      long number,
      int maxBlocks) {
    this.tokens = tokens;
    this.promptLength = tokens.size();
    this.maxTokens = maxTokens;
    this.logprobs = logprobs;
    this.sampler = sampler;
    this.constraint = constraint;
    this.share = share;
    this.allowance = allowance;
    this.stopTokens = stopTokens;
    this.sink = sink;
    this.pooled = sink instanceof PooledStates states ? states : null;
    this.number = number;
    this.blockTable = new int[maxBlocks];
  }

  /** Ends it before the next step begins; from any thread. */
  public void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** Whether what was computed for another sequence with the same beginning serves this one. */
  boolean reusesPrefix() {
    return pooled == null || pooled.reusesPrefix();
  }

  /** Tokens not computed yet. */
  int numRemaining() {
    return tokens.size() - numComputed;
  }

  int numGenerated() {
    return tokens.size() - promptLength;
  }

  void addBlock(int block) {
    blockTable[numBlocks++] = block;
  }

  /** Prompt tokens that were found in the prefix cache. */
  public int cachedTokens() {
    return Math.max(0, numCached);
  }

  /** Which experts its answer used, most used first; for any thread once it has ended. */
  public List<ExpertUse> expertsUsed() {
    return experts == null ? List.of() : experts.used();
  }

  /** Where it is. */
  public Status status() {
    return status;
  }

  /** How often its blocks were taken away. */
  public int preemptions() {
    return preemptions;
  }

  Drafter drafter() {
    return Objects.requireNonNull(drafter);
  }

  /** Tokens that were drafted and computed. */
  public int draftedTokens() {
    return drafter == null ? 0 : drafter.numDrafted();
  }

  /** Those of them that were chosen. */
  public int acceptedTokens() {
    return drafter == null ? 0 : drafter.numAccepted();
  }
}
