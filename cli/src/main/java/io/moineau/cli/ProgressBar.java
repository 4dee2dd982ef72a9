package io.moineau.cli;

import java.io.PrintStream;

/**
 * A line on standard error that says how far a job is and how long it will yet take. Drawn on a
 * terminal only, at most ten times a second; elsewhere nothing, so that a log stays readable.
 */
final class ProgressBar implements AutoCloseable {
  private static final int WIDTH = 28;
  private static final long BETWEEN_NANOS = 100_000_000L;

  private final Streams streams;
  private final String label;
  private final long total;
  private final long startNanos = System.nanoTime();
  private long lastNanos;
  private int drawn;

  ProgressBar(Streams streams, String label, long total) {
    this.streams = streams;
    this.label = label;
    this.total = Math.max(1, total);
  }

  /** So much of the total is done; {@code remark} stands at the end of the line. */
  void update(long done, String remark) {
    long now = System.nanoTime();
    if (!streams.errTerminal() || (now - lastNanos < BETWEEN_NANOS && done < total && drawn > 0)) {
      return;
    }
    lastNanos = now;
    double fraction = Math.min(1.0, (double) done / total);
    int filled = (int) Math.round(fraction * WIDTH);
    StringBuilder line = new StringBuilder(label).append(" [");
    line.append("█".repeat(filled)).append("·".repeat(WIDTH - filled)).append("] ");
    line.append(Math.round(100 * fraction)).append(" %");
    if (done > 0 && done < total) {
      double seconds = (now - startNanos) / 1e9;
      line.append(", ").append(Figures.duration(seconds / done * (total - done))).append(" left");
    }
    if (!remark.isEmpty()) {
      line.append(", ").append(remark);
    }
    int length = line.length();
    line.append(" ".repeat(Math.max(0, drawn - length)));
    PrintStream err = streams.err();
    err.print("\r" + line);
    err.flush();
    drawn = length;
  }

  /** Clears the line. */
  @Override
  public void close() {
    if (drawn > 0) {
      streams.err().print("\r" + " ".repeat(drawn) + "\r");
      streams.err().flush();
      drawn = 0;
    }
  }
}
