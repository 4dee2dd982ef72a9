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
record ProcessFigures(long residentBytes, long peakBytes, long anonymousBytes, double cpuSeconds) {
  /** Units per second of times in /proc, the same on every Linux that Java runs on. */
  static final double TICKS = 100;

  static ProcessFigures of(long pid) {
    List<String> status = lines(Path.of("/proc/" + pid + "/status"));
    return new ProcessFigures(
        kibibytes(status, "VmRSS:"),
        kibibytes(status, "VmHWM:"),
        kibibytes(status, "RssAnon:"),
        cpuSeconds(lines(Path.of("/proc/" + pid + "/stat"))));
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

  private static double cpuSeconds(List<String> stat) {
    if (stat.isEmpty()) {
      return 0;
    }
    // The name in parentheses may hold spaces; fields 14 and 15 are times in user and kernel mode.
    String[] fields = stat.getFirst().substring(stat.getFirst().lastIndexOf(')') + 2).split(" ");
    return (Double.parseDouble(fields[11]) + Double.parseDouble(fields[12])) / TICKS;
  }
}
