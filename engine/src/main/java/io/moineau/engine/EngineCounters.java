package io.moineau.engine;

import io.moineau.EngineStats;
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
  final LongAdder computedTokens = new LongAdder();
  final LongAdder steps = new LongAdder();
  final LongAdder busyNanos = new LongAdder();
  private volatile int running;
  private volatile int waiting;
  private volatile int usedBlocks;
  private volatile int cachedBlocks;
  private volatile long promptTokens;
  private volatile long cachedTokens;
  private volatile long preemptions;

  /** Counts a step. */
  void step(int tokens, long nanos) {
    steps.increment();
    computedTokens.add(tokens);
    busyNanos.add(nanos);
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
        computedTokens.sum(),
        preemptions,
        drafted,
        accepted,
        steps.sum(),
        busyNanos.sum());
  }

  private static void put(Map<String, Integer> map, String share, int count) {
    if (count > 0) {
      map.put(share, count);
    }
  }
}
