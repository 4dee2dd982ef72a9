package io.moineau.server.api.moineau;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process holds in memory now. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String RESIDENT = "VmRSS:";

  private ProcessMemory() {}

  /**
   * Resident bytes, mapped weights among them, where the system has Linux's {@code /proc}; else
   * those of the Java heap alone.
   */
  static long bytes() {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(RESIDENT)) {
          String kib = line.substring(RESIDENT.length()).replace("kB", "").strip();
          return 1024 * Long.parseLong(kib);
        }
      }
    } catch (IOException | NumberFormatException e) {
      return heap(); // another system
    }
    return heap();
  }

  private static long heap() {
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }
}
