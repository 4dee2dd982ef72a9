package io.moineau.cli;

import io.moineau.server.AccessEntry;
import java.io.PrintStream;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/** A line for each request that was answered, with nothing of what it said. */
final class AccessLog implements Consumer<AccessEntry> {
  private final PrintStream out;

  AccessLog(PrintStream out) {
    this.out = out;
  }

  @Override
  public void accept(AccessEntry entry) {
    String line =
        Instant.now().truncatedTo(ChronoUnit.SECONDS)
            + " "
            + entry.remote()
            + " "
            + entry.method()
            + " "
            + SafeText.ofLine(entry.path())
            + " "
            + entry.status()
            + " "
            + entry.nanos() / 1_000_000
            + " ms "
            + entry.requestId()
            + "\n";
    synchronized (this) {
      out.print(line);
      out.flush();
    }
  }
}
