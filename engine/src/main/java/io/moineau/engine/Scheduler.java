package io.moineau.engine;

import io.moineau.engine.speculation.Drafter;
import io.moineau.engine.speculation.Speculator;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says what the next step computes: one token for every sequence that decodes, and with what is
 * left of the token budget, chunks of prompts (Sarathi-Serve, arXiv 2403.02310), so that a long
 * prompt delays the others by at most one chunk, which {@link StepPacer} keeps short. Chunks go to
 * the share that was served least ({@link Shares}), within a share to who came first.
 *
 * <p>When blocks run out, the newest sequence of the share that holds most loses its own and waits
 * to be computed again (vLLM's preemption by recomputation); what is still in the prefix cache then
 * is not. The one that was submitted first is never preempted, and there are blocks for one whole
 * context, so nothing waits for ever.
 *
 * <p>A request whose beginning is being computed for another waits for that instead of computing it
 * too: several choices of one prompt, or many users behind one system prompt, cost it once.
 */
final class Scheduler {
  private final BlockManager blocks;
  private final int maxSequences;
  private final int tokenBudget;
  private final @Nullable Speculator speculator;
  private boolean ahead;
  private final StepPacer pacer;
  private final @Nullable StoredBlocks stored;
  private final Shares shares = new Shares();
  private final List<Sequence> running = new ArrayList<>(); // in order of submission
  private boolean admitting;
  private long numPreemptions;
  private long numPromptTokens;
  private long numCachedTokens;

  Scheduler(
      BlockManager blocks,
      int maxSequences,
      int tokenBudget,
      @Nullable Speculator speculator,
      StepPacer pacer,
      @Nullable StoredBlocks stored) {
    this.speculator = speculator;
    this.stored = stored;
    this.blocks = blocks;
    // Each that decodes has a token in every step.
    this.maxSequences = Math.min(maxSequences, tokenBudget);
    this.tokenBudget = tokenBudget;
    this.pacer = pacer;
  }

  /** Takes room for the token after those that a step computes, where there is any left. */
  void lookAhead() {
    ahead = true;
  }

  void add(Sequence sequence) {
    shares.add(sequence);
  }

  int numRunning() {
    return running.size();
  }

  int numWaiting() {
    return shares.numWaiting();
  }

  /** How often a sequence lost its blocks. */
  long numPreemptions() {
    return numPreemptions;
  }

  /** Tokens of the prompts that began to be computed. */
  long numPromptTokens() {
    return numPromptTokens;
  }

  /** Those of them that were found in the prefix cache. */
  long numCachedTokens() {
    return numCachedTokens;
  }

  /** All shares that are known; for any thread. */
  List<Share> shares() {
    return shares.list();
  }

  /** Fills the batch; it stays empty if there is nothing to do. */
  void schedule(StepBatch batch) {
    batch.clear();
    admitting = true;
    makeWay();
    if (speculator != null) {
      speculator.begin(running.size(), shares.numWaiting() == 0 && allDecode());
    }
    addDecoding(batch);
    int prompts = running.size() - batch.numSequences + shares.numWaiting();
    int soon = Math.min(prompts, maxSequences - batch.numSequences);
    addPrompts(batch, pacer.budget(batch.size, soon, tokenBudget));
    for (int i = 0; i < batch.numSequences; i++) {
      batch.scheduled[i].inBatch = false;
    }
  }

  private void add(StepBatch batch, Sequence sequence, int n, int drafts) {
    shares.charge(sequence, n);
    sequence.inBatch = true;
    batch.add(sequence, n, drafts);
  }

  private void addDecoding(StepBatch batch) {
    for (int i = 0; i < running.size() && batch.size < tokenBudget; i++) {
      Sequence sequence = running.get(i);
      if (sequence.inBatch || sequence.numRemaining() != 1) {
        continue;
      }
      long before = numPreemptions;
      int drafts = drafts(sequence, batch);
      if (reserveOrPreempt(sequence, 1 + drafts)) {
        add(batch, sequence, 1, drafts);
        reserveAhead(sequence, 1 + drafts + 1);
      }
      if (numPreemptions != before) {
        i = -1; // the list is another
      }
    }
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

  /** Adds chunks of prompts, of those that run already and of those that are admitted for it. */
  private void addPrompts(StepBatch batch, int budget) {
    shares.beginStep();
    for (Share share = shares.next(); share != null && batch.size < budget; share = shares.next()) {
      Sequence sequence = unfinishedPrompt(share);
      if (sequence != null) {
        int n = Math.min(sequence.numRemaining(), budget - batch.size);
        if (reserveOrPreempt(sequence, n)) {
          add(batch, sequence, n, 0);
          reserveAhead(sequence, n + 1);
        } else {
          share.passed = true;
        }
      } else if (!admit(share, batch, budget)) {
        share.passed = true;
      }
    }
  }

  private @Nullable Sequence unfinishedPrompt(Share share) {
    for (int i = 0; i < running.size(); i++) {
      Sequence sequence = running.get(i);
      if (sequence.owner == share && !sequence.inBatch) {
        return sequence;
      }
    }
    return null;
  }

  /** Makes room for {@code n} more tokens, at the cost of others; false if it must wait. */
  private boolean reserveOrPreempt(Sequence sequence, int n) {
    while (!reserve(sequence, n)) {
      Sequence victim = victim();
      if (victim == null) {
        return false;
      }
      preempt(victim);
      if (victim == sequence) {
        return false;
      }
    }
    return true;
  }

  /**
   * The newest sequence of the share that holds most blocks, of those not in the batch yet; never
   * the first of all, which so comes to its end.
   */
  private @Nullable Sequence victim() {
    Sequence victim = null;
    int most = -1;
    for (int i = running.size() - 1; i > 0; i--) {
      Sequence sequence = running.get(i);
      if (!sequence.inBatch && (victim == null || sequence.owner != victim.owner)) {
        int held = blocksHeld(sequence.owner);
        if (held > most) {
          victim = sequence;
          most = held;
        }
      }
    }
    return victim;
  }

  private int blocksHeld(Share share) {
    int held = 0;
    for (int i = 0; i < running.size(); i++) {
      held += running.get(i).owner == share ? running.get(i).numBlocks : 0;
    }
    return held;
  }

  private void preempt(Sequence sequence) {
    release(sequence);
    stopRunning(sequence);
    sequence.status = Sequence.Status.WAITING;
    sequence.preemptions++;
    numPreemptions++;
    shares.putBack(sequence);
    // Blocks were just taken from someone: nobody new gets them in this step.
    admitting = false;
  }

  private void stopRunning(Sequence sequence) {
    if (running.remove(sequence)) {
      sequence.owner.setRunning(sequence.owner.numRunning() - 1);
    }
  }

  private void startRunning(Sequence sequence) {
    int at = running.size();
    while (at > 0 && running.get(at - 1).number > sequence.number) {
      at--;
    }
    running.add(at, sequence);
    sequence.owner.setRunning(sequence.owner.numRunning() + 1);
    sequence.status = Sequence.Status.RUNNING;
  }

  /**
   * Where a share has nothing running and others hold every place or the blocks that it needs, the
   * share with most sequences gives up its newest: so a turn comes within a step, not after
   * somebody's long answer. Shares with one sequence keep it.
   */
  private void makeWay() {
    Share share = shares.nextWaiting();
    if (share == null || share.numRunning() > 0 || hasRoom(share.waiting.getFirst())) {
      return;
    }
    Sequence victim = null;
    for (int i = running.size() - 1; i > 0; i--) {
      Sequence sequence = running.get(i);
      int held = sequence.owner.numRunning();
      if (held > (victim == null ? 1 : victim.owner.numRunning())) {
        victim = sequence;
      }
    }
    if (victim != null && victim.owner.served > share.served) {
      preempt(victim);
      admitting = true; // the place is for someone in particular
    }
  }

  private boolean hasRoom(Sequence sequence) {
    if (running.size() >= maxSequences) {
      return false;
    }
    attachFullBlocks(sequence);
    boolean enough = missingBlocks(sequence) <= blocks.numFree();
    release(sequence);
    return enough;
  }

  private int missingBlocks(Sequence sequence) {
    return blocksFor(sequence.tokens.size()) - sequence.numBlocks;
  }

  /** Starts the first request of a share that waits, if there is room for it. */
  private boolean admit(Share share, StepBatch batch, int budget) {
    Sequence sequence = share.waiting.peekFirst();
    if (sequence == null || !admitting || running.size() >= maxSequences) {
      return false;
    }
    attachFullBlocks(sequence);
    if (isComputedForAnother(sequence) || isBeingRead(sequence)) {
      release(sequence);
      return false;
    }
    if (missingBlocks(sequence) > blocks.numFree()) {
      release(sequence);
      admitting = false; // it is its turn: nobody takes the blocks that it waits for
      return false;
    }
    attachLastBlock(sequence);
    int n = Math.min(sequence.numRemaining(), budget - batch.size);
    reserve(sequence, n);
    shares.remove(sequence);
    startRunning(sequence);
    if (sequence.numCached < 0) {
      sequence.numCached = sequence.numComputed;
      sequence.numCharged = sequence.numCached; // what is cached is free
      numPromptTokens += sequence.promptLength;
      numCachedTokens += sequence.numCached;
      sequence.sink.started();
    }
    add(batch, sequence, n, 0);
    reserveAhead(sequence, n + 1);
    return true;
  }

  /** Whether blocks that come next are being read from disk; the first call begins that. */
  private boolean isBeingRead(Sequence sequence) {
    if (stored == null || !sequence.reusesPrefix()) {
      return false;
    }
    if (sequence.load == null) {
      sequence.load = stored.load(sequence);
    }
    return !sequence.load.isDone();
  }

  /** Whether a running sequence is about to compute blocks that this one can take then. */
  private boolean isComputedForAnother(Sequence sequence) {
    if (!blocks.isCaching() || !sequence.reusesPrefix()) {
      return false;
    }
    int most = sequence.tokens.size() - 1;
    for (int i = 0; i < running.size(); i++) {
      Sequence other = running.get(i);
      if (other.numRemaining() > 1) {
        int common = Math.min(most, sequence.tokens.commonPrefix(other.tokens));
        int inBlocks = common - common % blocks.blockTokens();
        if (inBlocks > sequence.numComputed && inBlocks > other.numComputed) {
          return true;
        }
      }
    }
    return false;
  }

  /** Finds full blocks that hold the beginning; at least one token is left to compute. */
  private void attachFullBlocks(Sequence sequence) {
    if (!blocks.isCaching()) {
      return;
    }
    sequence.lastHash = blocks.rootHash();
    if (!sequence.reusesPrefix()) {
      return;
    }
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
    sequence.numComputed = at;
    sequence.numDraftKv = at;
  }

  /** Takes the block that went on from there once, as far as it went on the same. */
  private void attachLastBlock(Sequence sequence) {
    if (!blocks.isCaching() || !sequence.reusesPrefix()) {
      return;
    }
    int last = blocks.findLast(sequence.lastHash);
    if (last < 0) {
      return;
    }
    int at = sequence.numComputed;
    int same = blocks.commonTokens(last, sequence.tokens, at, sequence.numRemaining() - 1);
    if (same > 0) {
      blocks.take(last);
      sequence.addBlock(last);
      sequence.numComputed += same;
      sequence.numDraftKv += same;
    }
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
    if (!blocks.isCaching()) {
      return;
    }
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
    stopRunning(sequence);
    shares.remove(sequence);
    sequence.status = Sequence.Status.FINISHED;
  }

  private void release(Sequence sequence) {
    int at = sequence.numHashed * blocks.blockTokens();
    int rest = sequence.numComputed - at;
    if (rest > 0 && blocks.isCaching()) {
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
    return shares.findCancelled();
  }

  /** A request that has waited for longer than {@code nanos} and never ran, if there is one. */
  @Nullable Sequence findOverdue(long now, long nanos) {
    return shares.findOverdue(now, nanos);
  }

  /** Any sequence that is not finished, if there is one. */
  @Nullable Sequence findAny() {
    return running.isEmpty() ? shares.findAny() : running.getFirst();
  }
}
