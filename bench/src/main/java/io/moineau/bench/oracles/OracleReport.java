package io.moineau.bench.oracles;

import java.io.PrintStream;

/** Counts cases and prints a line for each that differs. Safe for several threads. */
final class OracleReport {
  private final PrintStream out;
  private int passed;
  private int failed;
  private int skipped;
  private int lenient;

  OracleReport(PrintStream out) {
    this.out = out;
  }

  synchronized void pass() {
    passed++;
  }

  /** A case in which the reference fails and this project, harmlessly, does not. */
  synchronized void lenient(String name, String detail) {
    lenient++;
    out.println("LENIENT " + name + ": " + detail);
  }

  synchronized void differ(String name, String detail) {
    failed++;
    out.println("DIFFERS " + name + ": " + detail);
  }

  synchronized void skip(String name, String why) {
    skipped++;
    out.println("SKIPPED " + name + ": " + why);
  }

  /** A line for people. */
  synchronized void note(String line) {
    out.println(line);
  }

  synchronized int failed() {
    return failed;
  }

  synchronized int ran() {
    return passed + failed + lenient;
  }

  synchronized String counts() {
    return passed
        + " passed, "
        + failed
        + " failed, "
        + skipped
        + " skipped"
        + (lenient == 0 ? "" : " (and " + lenient + " more lenient than the reference)");
  }
}
