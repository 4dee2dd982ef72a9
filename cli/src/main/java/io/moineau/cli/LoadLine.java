package io.moineau.cli;

/** Shows on a terminal, for as long as it lasts, what a load is doing. */
final class LoadLine implements AutoCloseable {
  /** A load that is quicker than this shows nothing. */
  private static final long PATIENCE_NANOS = 400_000_000L;

  private final Streams streams;
  private final long startNanos = System.nanoTime();
  private int drawn;

  LoadLine(Streams streams) {
    this.streams = streams;
  }

  void stage(String stage, double fraction) {
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
    if (drawn > 0) {
      streams.err().print("\r" + " ".repeat(drawn) + "\r");
      streams.err().flush();
    }
  }
}
