package io.moineau.engine;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * How much memory a load may count with: what the machine has left, or the container if that is
 * less.
 *
 * @param availableBytes bytes, those that hold cached files included, since they can be had
 * @param source where the figure comes from
 */
public record MachineMemory(long availableBytes, String source) {
  /** What this machine, or the container that the JVM is in, has now. */
  public static MachineMemory now() {
    MachineMemory linux = read(Path.of("/"));
    if (linux != null) {
      return linux;
    }
    if (ManagementFactory.getOperatingSystemMXBean()
        instanceof com.sun.management.OperatingSystemMXBean system) {
      // "Free" leaves out what file caches hold on these systems, so the whole is what can be told.
      return new MachineMemory(system.getTotalMemorySize(), "the machine's physical memory");
    }
    return new MachineMemory(Long.MAX_VALUE, "unknown");
  }

  /** Reads Linux's files under {@code root}; null where there are none. */
  static @org.jspecify.annotations.Nullable MachineMemory read(Path root) {
    OptionalLong available = field(root.resolve("proc/meminfo"), "MemAvailable:");
    if (available.isEmpty()) {
      return null;
    }
    MachineMemory least =
        new MachineMemory(available.getAsLong() * 1024, "MemAvailable of /proc/meminfo");
    for (String line : lines(root.resolve("proc/self/cgroup"))) {
      // hierarchy-ID:controllers:path, with 0::path for version 2
      String[] parts = line.split(":", 3);
      if (parts.length < 3) {
        continue;
      }
      if (parts[0].equals("0") && parts[1].isEmpty()) {
        least = least.orLess(version2(root.resolve("sys/fs/cgroup"), parts[2]));
      } else if (List.of(parts[1].split(",")).contains("memory")) {
        least = least.orLess(version1(root.resolve("sys/fs/cgroup/memory"), parts[2]));
      }
    }
    return least;
  }

  private MachineMemory orLess(@org.jspecify.annotations.Nullable MachineMemory other) {
    return other != null && other.availableBytes < availableBytes ? other : this;
  }

  /** The tightest limit on the way from the group up to the root (Linux, cgroup-v2.rst). */
  private static @org.jspecify.annotations.Nullable MachineMemory version2(
      Path mount, String group) {
    MachineMemory least = null;
    for (Path folder = below(mount, group);
        folder != null && folder.startsWith(mount);
        folder = folder.getParent()) {
      OptionalLong max = number(folder.resolve("memory.max"));
      OptionalLong current = number(folder.resolve("memory.current"));
      if (max.isPresent() && current.isPresent()) {
        Path stat = folder.resolve("memory.stat");
        long cached = field(stat, "inactive_file").orElse(0) + field(stat, "active_file").orElse(0);
        long free = free(max.getAsLong(), current.getAsLong(), cached);
        if (least == null || free < least.availableBytes) {
          least = new MachineMemory(free, "memory.max of the container (cgroup v2)");
        }
      }
    }
    return least;
  }

  private static @org.jspecify.annotations.Nullable MachineMemory version1(
      Path mount, String group) {
    MachineMemory least = null;
    for (Path folder = below(mount, group);
        folder != null && folder.startsWith(mount);
        folder = folder.getParent()) {
      OptionalLong max = number(folder.resolve("memory.limit_in_bytes"));
      OptionalLong usage = number(folder.resolve("memory.usage_in_bytes"));
      // Without a limit the file holds the largest multiple of a page.
      if (max.isPresent() && usage.isPresent() && max.getAsLong() < Long.MAX_VALUE / 2) {
        Path stat = folder.resolve("memory.stat");
        long cached =
            field(stat, "total_inactive_file").orElse(0)
                + field(stat, "total_active_file").orElse(0);
        long free = free(max.getAsLong(), usage.getAsLong(), cached);
        if (least == null || free < least.availableBytes) {
          least = new MachineMemory(free, "memory.limit_in_bytes of the container (cgroup v1)");
        }
      }
    }
    return least;
  }

  private static long free(long limit, long used, long cached) {
    return Math.clamp(limit - used + cached, 0, limit);
  }

  private static Path below(Path mount, String group) {
    return mount.resolve(group.startsWith("/") ? group.substring(1) : group).normalize();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of(); // a figure that cannot be read is as one that is not there
    }
  }

  private static OptionalLong number(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? OptionalLong.empty() : parse(lines.getFirst());
  }

  private static OptionalLong field(Path file, String name) {
    for (String line : lines(file)) {
      String[] words = line.strip().split("\\s+");
      if (words.length >= 2 && words[0].equals(name)) {
        return parse(words[1]);
      }
    }
    return OptionalLong.empty();
  }

  private static OptionalLong parse(String text) {
    try {
      return OptionalLong.of(Long.parseLong(text.strip()));
    } catch (NumberFormatException e) {
      return OptionalLong.empty(); // "max": no limit
    }
  }
}
