package io.moineau.engine;

import io.moineau.EngineStats;
import io.moineau.StepTotals;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Counts what an engine does: written by its thread, read by any. */
final class EngineCounters {
  final LongAdder requests = new LongAdder();
  final LongAdder refused = new LongAdder();
  final LongAdder finished = new LongAdder();
  final LongAdder cancelled = new LongAdder();
  final LongAdder failed = new LongAdder();
  final LongAdder generatedTokens = new LongAdder();
  private final Steps decode = new Steps();
  private final Steps prompt = new Steps();
  private long weightBytesSeen; // of the model's own counts, as the engine's thread last saw them
  private long kvBytesSeen;
  private volatile int running;
  private volatile int waiting;
  private volatile int usedBlocks;
  private volatile int cachedBlocks;
  private volatile long promptTokens;
  private volatile long cachedTokens;
  private volatile long preemptions;

  /** Steps of one kind. */
  private static final class Steps {
    final LongAdder steps = new LongAdder();
    final LongAdder tokens = new LongAdder();
    final LongAdder nanos = new LongAdder();
    final LongAdder weightBytes = new LongAdder();
    final LongAdder kvBytes = new LongAdder();

    StepTotals totals() {
      return new StepTotals(
          steps.sum(), tokens.sum(), nanos.sum(), weightBytes.sum(), kvBytes.sum());
    }
  }

  /** Counts a step, and what the model read since the last one. */
  void step(boolean decodes, int tokens, long nanos, ForwardPass model) {
    Steps kind = decodes ? decode : prompt;
    long weightBytes = model.weightBytesRead();
    long kvBytes = model.kvBytesRead();
    kind.steps.increment();
    kind.tokens.add(tokens);
    kind.nanos.add(nanos);
    kind.weightBytes.add(weightBytes - weightBytesSeen);
    kind.kvBytes.add(kvBytes - kvBytesSeen);
    passed(model);
  }

  /** Leaves out what was read since: it was no step. */
  void passed(ForwardPass model) {
    weightBytesSeen = model.weightBytesRead();
    kvBytesSeen = model.kvBytesRead();
  }

  /** Sets the figures of this moment. */
  void publish(Scheduler scheduler, BlockManager blocks) {
    running = scheduler.numRunning();
    waiting = scheduler.numWaiting();
    usedBlocks = blocks.numBlocks() - blocks.numFree();
    cachedBlocks = blocks.numCached();
    promptTokens = scheduler.numPromptTokens();
    cachedTokens = scheduler.numCachedTokens();
    preemptions = scheduler.numPreemptions();
  }

  EngineStats stats(List<Share> shares, BlockManager blocks, long drafted, long accepted) {
    Map<String, Integer> runningByShare = new HashMap<>();
    Map<String, Integer> waitingByShare = new HashMap<>();
    for (Share share : shares) {
      put(runningByShare, share.name, share.numRunning());
      put(waitingByShare, share.name, share.numWaiting());
    }
    return new EngineStats(
        running,
        waiting,
        runningByShare,
        waitingByShare,
        blocks.numBlocks(),
        usedBlocks,
        cachedBlocks,
        blocks.blockTokens(),
        requests.sum(),
        refused.sum(),
        finished.sum(),
        cancelled.sum(),
        failed.sum(),
        promptTokens,
        cachedTokens,
        generatedTokens.sum(),
        preemptions,
        drafted,
        accepted,
        decode.totals(),
        prompt.totals());
  }

  private static void put(Map<String, Integer> map, String share, int count) {
    if (count > 0) {
      map.put(share, count);
    }
  }
}
