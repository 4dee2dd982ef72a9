package io.moineau.bench.serve;

import io.moineau.EngineStats;
import io.moineau.Moineau;
import io.moineau.bench.peers.ProcessFigures;
import java.io.File;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.Locale;

/**
 * What this process holds at a quiet moment.
 *
 * @param heapBytes used after a garbage collection
 * @param nativeBytes resident memory that no file stands behind, less the heap; 0 where the system
 *     does not tell
 * @param handles open files and sockets; 0 where the system does not tell
 * @param threads platform threads
 */
record SoakFigures(long heapBytes, long nativeBytes, int handles, int threads) {
  /**
   * The serial collector leaves gaps at the heap's beginning, which count as used, in all but every
   * fourth full collection (MarkSweepAlwaysCompactCount).
   */
  private static final int COLLECTIONS = 4;

  static SoakFigures now() throws InterruptedException {
    long used = Long.MAX_VALUE;
    for (int i = 0; i < COLLECTIONS; i++) {
      System.gc(); // what is cleaned in one may free more in the next
      Thread.sleep(200);
      used = Math.min(used, ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed());
    }
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    ProcessFigures process = ProcessFigures.of(ProcessHandle.current().pid());
    String[] files = new File("/proc/self/fd").list();
    return new SoakFigures(
        used,
        Math.max(0, process.anonymousBytes() - heap.getCommitted()),
        files == null ? 0 : files.length,
        ManagementFactory.getThreadMXBean().getThreadCount());
  }

  /** For people. */
  String text() {
    return String.format(
        Locale.ROOT,
        "heap %.1f MB, native %.1f MB, %d file handles, %d threads",
        heapBytes / 1e6,
        nativeBytes / 1e6,
        handles,
        threads);
  }

  /** Whether nothing runs, waits or holds a block. */
  static boolean isQuiet(Moineau moineau) {
    EngineStats stats = moineau.stats();
    return stats.running() == 0 && stats.waiting() == 0 && stats.usedBlocks() == 0;
  }
}
