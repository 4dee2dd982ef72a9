package io.moineau.engine;

import io.moineau.engine.speculation.Drafter;
import io.moineau.engine.speculation.Speculator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what the next step computes: one token for every sequence that decodes, and with what is
 * left of the token budget, chunks of prompts (Sarathi-Serve, arXiv 2403.02310), so that a long
 * prompt delays the others by at most one chunk.
 *
 * <p>When blocks run out, the newest sequence loses its own and waits to be computed again (vLLM's
 * preemption by recomputation); what is still in the prefix cache then is not. The oldest sequence
 * can always go on, since there are blocks for one whole context, so nothing waits for ever.
 */
final class Scheduler {
  private final BlockManager blocks;
  private final int maxSequences;
  private final int tokenBudget;
  private final @Nullable Speculator speculator;
  private boolean ahead;
  private final ArrayDeque<Sequence> waiting = new ArrayDeque<>();
  private final List<Sequence> running = new ArrayList<>(); // oldest first

  Scheduler(
      BlockManager blocks, int maxSequences, int tokenBudget, @Nullable Speculator speculator) {
    this.speculator = speculator;
    this.blocks = blocks;
    this.maxSequences = maxSequences;
    this.tokenBudget = tokenBudget;
  }

  /** Takes room for the token after those that a step computes, where there is any left. */
  void lookAhead() {
    ahead = true;
  }

  void add(Sequence sequence) {
    waiting.addLast(sequence);
  }

  boolean isIdle() {
    return waiting.isEmpty() && running.isEmpty();
  }

  int numRunning() {
    return running.size();
  }

  int numWaiting() {
    return waiting.size();
  }

  /** Fills the batch; it stays empty if there is nothing to do. */
  void schedule(StepBatch batch) {
    batch.clear();
    if (speculator != null) {
      speculator.begin(running.size(), waiting.isEmpty() && allDecode());
    }
    boolean preempted = addRunning(batch, true);
    preempted |= addRunning(batch, false);
    if (!preempted) {
      admit(batch);
    }
    for (int i = 0; i < batch.numSequences; i++) {
      batch.scheduled[i].inBatch = false;
    }
  }

  /**
   * Adds running sequences that decode, or that are in their prompt; tells if one lost its blocks.
   */
  private boolean addRunning(StepBatch batch, boolean decoding) {
    boolean preempted = false;
    for (int i = 0; i < running.size() && batch.size < tokenBudget; i++) {
      Sequence sequence = running.get(i);
      if ((sequence.numRemaining() == 1) != decoding || sequence.inBatch) {
        continue;
      }
      int n = Math.min(sequence.numRemaining(), tokenBudget - batch.size);
      int drafts = decoding ? drafts(sequence, batch) : 0;
      boolean reserved = reserve(sequence, n + drafts);
      while (!reserved && sequence.status == Sequence.Status.RUNNING) {
        preempt(newestOutsideBatch());
        preempted = true;
        reserved = sequence.status == Sequence.Status.RUNNING && reserve(sequence, n);
      }
      if (reserved) {
        sequence.inBatch = true;
        batch.add(sequence, n, drafts);
        reserveAhead(sequence, n + drafts + 1);
      } else {
        i--; // it left the list
      }
    }
    return preempted;
  }

  private boolean allDecode() {
    for (int i = 0; i < running.size(); i++) {
      if (running.get(i).numRemaining() != 1) {
        return false;
      }
    }
    return true;
  }

  /** Tokens to draft for a sequence that decodes: only where tokens and blocks are left over. */
  private int drafts(Sequence sequence, StepBatch batch) {
    Drafter drafter = sequence.drafter;
    if (speculator == null || drafter == null) {
      return 0;
    }
    int withoutIt = batch.size + running.size() - batch.numSequences;
    int drafts = speculator.plan(drafter, withoutIt, tokenBudget - withoutIt);
    if (drafts > 0 && !hasBlocks(sequence, 1 + drafts)) {
      drafter.drop();
      return 0;
    }
    return drafts;
  }

  private void reserveAhead(Sequence sequence, int n) {
    if (ahead
        && blocksFor(sequence.numComputed + n) <= sequence.blockTable.length
        && hasBlocks(sequence, n)) {
      reserve(sequence, n);
    }
  }

  /** Tokens for which a sequence has blocks. */
  int roomFor(Sequence sequence) {
    return sequence.numBlocks * blocks.blockTokens();
  }

  private boolean hasBlocks(Sequence sequence, int n) {
    return blocksFor(sequence.numComputed + n) - sequence.numBlocks <= blocks.numFree();
  }

  private Sequence newestOutsideBatch() {
    for (int i = running.size() - 1; i >= 0; i--) {
      if (!running.get(i).inBatch) {
        return running.get(i);
      }
    }
    throw new IllegalStateException("no sequence can be preempted");
  }

  private void preempt(Sequence sequence) {
    release(sequence);
    running.remove(sequence);
    sequence.status = Sequence.Status.WAITING;
    sequence.preemptions++;
    waiting.addFirst(sequence);
  }

  private void admit(StepBatch batch) {
    while (batch.size < tokenBudget && running.size() < maxSequences && !waiting.isEmpty()) {
      Sequence sequence = waiting.peekFirst();
      attachPrefix(sequence);
      int missing = blocksFor(sequence.tokens.size()) - sequence.numBlocks;
      if (missing > blocks.numFree()) {
        release(sequence);
        return;
      }
      int n = Math.min(sequence.numRemaining(), tokenBudget - batch.size);
      reserve(sequence, n);
      waiting.removeFirst();
      running.add(sequence);
      sequence.status = Sequence.Status.RUNNING;
      if (sequence.numCached < 0) {
        sequence.numCached = sequence.numComputed;
        sequence.sink.started();
      }
      sequence.inBatch = true;
      batch.add(sequence, n, 0);
      reserveAhead(sequence, n + 1);
    }
  }

  /** Finds blocks that hold the beginning already; at least one token is left to compute. */
  private void attachPrefix(Sequence sequence) {
    int blockTokens = blocks.blockTokens();
    int most = sequence.tokens.size() - 1;
    long hash = blocks.rootHash();
    int at = 0;
    while (at + blockTokens <= most) {
      long next = blocks.hash(hash, sequence.tokens, at);
      int block = blocks.findFull(next, sequence.tokens, at);
      if (block < 0) {
        break;
      }
      blocks.share(block);
      sequence.addBlock(block);
      hash = next;
      at += blockTokens;
    }
    sequence.numHashed = sequence.numBlocks;
    sequence.lastHash = hash;
    int last = blocks.findLast(hash);
    if (last >= 0) {
      int same = blocks.commonTokens(last, sequence.tokens, at, most - at);
      if (same > 0) {
        blocks.take(last);
        sequence.addBlock(last);
        at += same;
      }
    }
    sequence.numComputed = at;
    sequence.numDraftKv = at;
  }

  private int blocksFor(int tokens) {
    return Math.ceilDiv(tokens, blocks.blockTokens());
  }

  private boolean reserve(Sequence sequence, int n) {
    int missing = blocksFor(sequence.numComputed + n) - sequence.numBlocks;
    if (missing > blocks.numFree()) {
      return false;
    }
    for (int i = 0; i < missing; i++) {
      sequence.addBlock(blocks.allocate());
    }
    return true;
  }

  /** Notes that {@code n} more tokens of a sequence were computed. */
  void advance(Sequence sequence, int n) {
    sequence.numComputed += n;
    int blockTokens = blocks.blockTokens();
    while ((sequence.numHashed + 1) * blockTokens <= sequence.numComputed) {
      int at = sequence.numHashed * blockTokens;
      sequence.lastHash = blocks.hash(sequence.lastHash, sequence.tokens, at);
      blocks.enterFull(
          sequence.blockTable[sequence.numHashed], sequence.lastHash, sequence.tokens, at);
      sequence.numHashed++;
    }
  }

  /** Gives back blocks that were taken for drafts which turned out wrong. */
  void trim(Sequence sequence) {
    int needed = blocksFor(sequence.tokens.size());
    while (sequence.numBlocks > needed) {
      blocks.giveBack(sequence.blockTable[--sequence.numBlocks]);
    }
  }

  /** Takes a sequence out, wherever it is, and frees its blocks. */
  void finish(Sequence sequence) {
    release(sequence);
    running.remove(sequence);
    waiting.remove(sequence);
    sequence.status = Sequence.Status.FINISHED;
  }

  private void release(Sequence sequence) {
    int at = sequence.numHashed * blocks.blockTokens();
    int rest = sequence.numComputed - at;
    if (rest > 0) {
      blocks.enterLast(
          sequence.blockTable[sequence.numHashed], sequence.lastHash, sequence.tokens, at, rest);
    }
    // The last block first, so that beginnings, which others may share, are kept longest.
    for (int i = sequence.numBlocks - 1; i >= 0; i--) {
      blocks.free(sequence.blockTable[i]);
    }
    sequence.numBlocks = 0;
    sequence.numComputed = 0;
    sequence.numHashed = 0;
    sequence.numDraftKv = 0;
  }

  /** The first sequence that was cancelled and not yet taken out, if there is one. */
  @Nullable Sequence findCancelled() {
    for (int i = 0; i < running.size(); i++) {
      if (running.get(i).isCancelled()) {
        return running.get(i);
      }
    }
    for (Sequence sequence : waiting) {
      if (sequence.isCancelled()) {
        return sequence;
      }
    }
    return null;
  }

  /** Any sequence that is not finished, if there is one. */
  @Nullable Sequence findAny() {
    return running.isEmpty() ? waiting.peekFirst() : running.getFirst();
  }
}
