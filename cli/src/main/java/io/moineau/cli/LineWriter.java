package io.moineau.cli;

import java.io.PrintStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/**
 * Writes lines on a thread of its own, so that whoever has something to say never waits for a pipe
 * that nobody reads. What finds no room is left out and counted, and a line says so as soon as
 * there is room again.
 */
final class LineWriter implements AutoCloseable {
  private static final int MOST_WAITING = 8192;
  private static final long CLOSE_MILLIS = 2000;

  private final PrintStream out;
  private final LongFunction<String> droppedLine;
  private final BlockingQueue<String> waiting = new ArrayBlockingQueue<>(MOST_WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread thread;
  private volatile boolean closing;

  /**
   * Begins.
   *
   * @param droppedLine says how many lines were left out
   */
  LineWriter(PrintStream out, LongFunction<String> droppedLine) {
    this.out = out;
    this.droppedLine = droppedLine;
    // A platform thread: a blocked write would hold one of the few carriers of virtual ones.
    this.thread = Thread.ofPlatform().daemon(true).name("moineau-access-log").start(this::run);
  }

  /** Writes a line soon. */
  void write(String line) {
    if (closing || !waiting.offer(line)) {
      dropped.incrementAndGet();
    }
  }

  /** Lines that were left out. */
  long dropped() {
    return dropped.get();
  }

  private void run() {
    long told = 0;
    try {
      while (!closing || !waiting.isEmpty()) {
        String line = waiting.poll(100, TimeUnit.MILLISECONDS);
        if (line == null) {
          continue;
        }
        StringBuilder text = new StringBuilder();
        for (; line != null; line = waiting.poll()) {
          text.append(line).append('\n');
        }
        long now = dropped.get();
        if (now > told) {
          text.append(droppedLine.apply(now - told)).append('\n');
          told = now;
        }
        out.print(text);
        out.flush();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody waits for the rest
    }
  }

  /** Waits for what was not written yet, but not for ever. */
  @Override
  public void close() {
    closing = true;
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
