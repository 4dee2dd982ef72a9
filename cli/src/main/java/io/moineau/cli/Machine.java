package io.moineau.cli;

import com.sun.management.OperatingSystemMXBean;
import io.moineau.kernels.MachineProbe;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** Facts about the machine for {@code doctor}, from the JVM and, on Linux, from /proc and /sys. */
final class Machine {
  private Machine() {}

  private static List<String> lines(String path) {
    try {
      return Files.readAllLines(Path.of(path), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return List.of();
    }
  }

  private static String valueOf(String line) {
    return line.substring(line.indexOf(':') + 1).strip();
  }

  /** Bytes of the widest vector that the Vector API prefers; 0 where it is not enabled. */
  static int vectorBytes() {
    try {
      return VectorWidth.bytes();
    } catch (NoClassDefFoundError e) {
      return 0;
    }
  }

  /** Loaded only where the Vector API is enabled. */
  private static final class VectorWidth {
    static int bytes() {
      return jdk.incubator.vector.FloatVector.SPECIES_PREFERRED.vectorByteSize();
    }
  }

  /** Measures what the machine can do; an interruption ends the command. */
  static MachineProbe.Result probe(int threads) {
    try {
      return MachineProbe.run(threads);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CommandLineRun.InterruptedJob();
    }
  }

  /** Memory of the machine or its container. */
  static long totalMemory() {
    return system().getTotalMemorySize();
  }

  /** Memory that can be had without swapping: on Linux, what the kernel's MemAvailable says. */
  static long availableMemory() {
    long available = system().getFreeMemorySize();
    for (String line : lines("/proc/meminfo")) {
      if (line.startsWith("MemAvailable:")) {
        available = Long.parseLong(valueOf(line).split(" ")[0]) * 1024;
      }
    }
    OptionalLong limit = containerLimit();
    return limit.isPresent() ? Math.min(available, limit.getAsLong()) : available;
  }

  /** What a control group allows, if it allows less than the machine has. */
  static OptionalLong containerLimit() {
    for (String file :
        List.of("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")) {
      for (String line : lines(file)) {
        if (line.matches("[0-9]{1,18}")) {
          long limit = Long.parseLong(line);
          long machine = machineMemory();
          return limit < machine ? OptionalLong.of(limit) : OptionalLong.empty();
        }
      }
    }
    return OptionalLong.empty();
  }

  private static long machineMemory() {
    for (String line : lines("/proc/meminfo")) {
      if (line.startsWith("MemTotal:")) {
        return Long.parseLong(valueOf(line).split(" ")[0]) * 1024;
      }
    }
    return Long.MAX_VALUE;
  }

  private static OperatingSystemMXBean system() {
    return (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
  }
}
