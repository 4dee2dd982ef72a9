package io.moineau.bench.peers;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What Linux says about a process; zeros elsewhere.
 *
 * @param residentBytes of memory that it has now, pages of mapped files included
 * @param peakBytes the most that it had
 * @param anonymousBytes of memory that it has now and no file stands behind
 * @param cpuSeconds of processor time that its threads have used
 */
public record ProcessFigures(
    long residentBytes, long peakBytes, long anonymousBytes, double cpuSeconds) {
  /** Units per second of times in /proc, the same on every Linux that Java runs on. */
  static final double TICKS = 100;

  /** Field of the time in user mode, after the name in parentheses, which may hold spaces. */
  private static final int OWN = 11;

  /** Of a process that runs. */
  public static ProcessFigures of(long pid) {
    List<String> status = lines(Path.of("/proc/" + pid + "/status"));
    return new ProcessFigures(
        kibibytes(status, "VmRSS:"),
        kibibytes(status, "VmHWM:"),
        kibibytes(status, "RssAnon:"),
        cpuSeconds(lines(Path.of("/proc/" + pid + "/stat")), OWN));
  }

  static List<String> lines(Path file) {
    try {
      return Files.readAllLines(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of();
    }
  }

  private static long kibibytes(List<String> status, String key) {
    for (String line : status) {
      if (line.startsWith(key)) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024;
      }
    }
    return 0;
  }

  /** Processor time of this process's children that have ended. */
  static double endedChildrenSeconds() {
    return cpuSeconds(lines(Path.of("/proc/self/stat")), OWN + 2);
  }

  private static double cpuSeconds(List<String> stat, int at) {
    if (stat.isEmpty()) {
      return 0;
    }
    String[] fields = stat.getFirst().substring(stat.getFirst().lastIndexOf(')') + 2).split(" ");
    return (Double.parseDouble(fields[at]) + Double.parseDouble(fields[at + 1])) / TICKS;
  }
}
