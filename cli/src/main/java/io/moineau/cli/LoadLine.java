package io.moineau.cli;

import io.moineau.LoadListener;
import org.jspecify.annotations.Nullable;

/** Shows on a terminal, for as long as it lasts, what a load is doing. */
final class LoadLine implements LoadListener, AutoCloseable {
  /** A load that is quicker than this shows nothing. */
  private static final long PATIENCE_NANOS = 400_000_000L;

  private final Streams streams;
  private final long startNanos = System.nanoTime();
  private int drawn;
  private @Nullable ProgressBar reading;

  LoadLine(Streams streams) {
    this.streams = streams;
  }

  @Override
  public void reading(long done, long total) {
    if (reading == null) {
      clear();
      reading = new ProgressBar(streams, "reading weights", total);
    }
    reading.update(done, Figures.bytes(done) + " of " + Figures.bytes(total));
  }

  @Override
  public void progress(String stage, double fraction) {
    if (reading != null) {
      reading.close();
      reading = null;
    }
    if (!streams.errTerminal() || System.nanoTime() - startNanos < PATIENCE_NANOS) {
      return;
    }
    String line = "loading: " + stage + " (" + Math.round(fraction * 100) + " %)";
    int length = line.length();
    streams.err().print("\r" + line + " ".repeat(Math.max(0, drawn - length)));
    streams.err().flush();
    drawn = length;
  }

  @Override
  public void close() {
    if (reading != null) {
      reading.close();
    }
    clear();
  }

  private void clear() {
    if (drawn > 0) {
      streams.err().print("\r" + " ".repeat(drawn) + "\r");
      streams.err().flush();
      drawn = 0;
    }
  }
}
