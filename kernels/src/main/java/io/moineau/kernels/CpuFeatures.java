package io.moineau.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What this machine's processor is and can, as far as the system tells: {@code /proc/cpuinfo} and
 * {@code /sys} on Linux, names and counts of the JVM elsewhere.
 *
 * @param name the model's name, or the architecture's where the system does not tell it
 * @param architecture {@code amd64}, {@code aarch64} or what {@code os.arch} says
 * @param physicalCores cores of the whole machine, without simultaneous multithreading
 * @param logicalCores hardware threads that the system shows
 * @param usableCores cores that this process may use: limits of containers and CPU sets respected
 * @param instructionSets those that matter to kernels: {@code AVX2}, {@code AVX-512 VNNI}, {@code
 *     NEON} ...
 * @param caches such as {@code L2 1024K}; empty where unknown
 * @param numaNodes nodes of memory; 1 where unknown
 */
public record CpuFeatures(
    String name,
    String architecture,
    int physicalCores,
    int logicalCores,
    int usableCores,
    List<String> instructionSets,
    List<String> caches,
    int numaNodes) {
  /** Words of {@code /proc/cpuinfo}, and the names that people know them by. */
  private static final String[][] KNOWN = {
    {"avx", "AVX"},
    {"avx2", "AVX2"},
    {"fma", "FMA"},
    {"f16c", "F16C"},
    {"avx_vnni", "AVX-VNNI"},
    {"avx512f", "AVX-512 F"},
    {"avx512bw", "AVX-512 BW"},
    {"avx512_vnni", "AVX-512 VNNI"},
    {"avx512_bf16", "AVX-512 BF16"},
    {"avx512_fp16", "AVX-512 FP16"},
    {"amx_tile", "AMX"},
    {"amx_int8", "AMX INT8"},
    {"amx_bf16", "AMX BF16"},
    {"asimd", "NEON"},
    {"asimddp", "NEON DOTPROD"},
    {"i8mm", "I8MM"},
    {"bf16", "BF16"},
    {"sve", "SVE"},
    {"sve2", "SVE2"},
    {"sme", "SME"},
  };

  private static final class Holder {
    static final CpuFeatures HERE =
        read(Path.of("/proc/cpuinfo"), Path.of("/sys/devices/system"))
            .withAtMost(Topology.here().threads());
  }

  /** Copies the lists. */
  public CpuFeatures {
    instructionSets = List.copyOf(instructionSets);
    caches = List.copyOf(caches);
  }

  /** This machine's; read once. */
  public static CpuFeatures get() {
    return Holder.HERE;
  }

  /** Whether an instruction set is there, by its name in {@link #instructionSets}. */
  public boolean has(String instructionSet) {
    return instructionSets.contains(instructionSet);
  }

  private CpuFeatures withAtMost(int cores) {
    return new CpuFeatures(
        name,
        architecture,
        physicalCores,
        logicalCores,
        Math.min(usableCores, cores),
        instructionSets,
        caches,
        numaNodes);
  }

  static CpuFeatures read(Path cpuinfo, Path system) {
    String architecture = System.getProperty("os.arch", "unknown");
    int available = Runtime.getRuntime().availableProcessors();
    String name = architecture;
    Set<String> words = new HashSet<>();
    Set<String> cores = new HashSet<>();
    int logical = 0;
    String socket = "0";
    for (String line : lines(cpuinfo)) {
      int colon = line.indexOf(':');
      if (colon < 0) {
        continue;
      }
      String key = line.substring(0, colon).strip();
      String value = line.substring(colon + 1).strip();
      switch (key) {
        case "processor" -> logical++;
        case "model name" -> name = value;
        case "physical id" -> socket = value;
        case "core id" -> cores.add(socket + "/" + value);
        case "flags", "Features" -> {
          if (words.isEmpty()) {
            words.addAll(List.of(value.split("\\s+")));
          }
        }
        default -> {}
      }
    }
    logical = logical == 0 ? available : logical;
    int physical = cores.isEmpty() ? logical : cores.size();
    // With two hardware threads per core and a limit in threads, half of the limit are cores;
    // a limit below the number of cores is taken as cores.
    int usable = Math.max(1, Math.min(available, physical));
    List<String> sets = new ArrayList<>();
    for (String[] known : KNOWN) {
      if (words.contains(known[0])) {
        sets.add(known[1]);
      }
    }
    if (words.isEmpty() && architecture.toLowerCase(Locale.ROOT).equals("aarch64")) {
      sets.add("NEON"); // every 64-bit ARM has it
    }
    Path nodes = system.resolve("node");
    return new CpuFeatures(
        name,
        architecture,
        physical,
        logical,
        usable,
        sets,
        caches(system.resolve("cpu/cpu0/cache")),
        Math.max(1, count(nodes, "node")));
  }

  private static List<String> caches(Path folder) {
    List<String> found = new ArrayList<>();
    for (int i = 0; i < 8 && Files.isDirectory(folder.resolve("index" + i)); i++) {
      Path index = folder.resolve("index" + i);
      String type = first(index.resolve("type"));
      if (!type.equals("Instruction")) {
        found.add("L" + first(index.resolve("level")) + " " + first(index.resolve("size")));
      }
    }
    return found;
  }

  private static int count(Path folder, String prefix) {
    int count = 0;
    while (count < 1024 && Files.isDirectory(folder.resolve(prefix + count))) {
      count++;
    }
    return count;
  }

  private static String first(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? "" : lines.get(0).strip();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of(); // a system that does not tell; the JVM's own counts serve
    }
  }
}
