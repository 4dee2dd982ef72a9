package io.moineau.kernels;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The processors that this process may use, and which of them share a core, a socket and a node of
 * memory, as Linux tells it under {@code /sys/devices/system} (kernel documentation, {@code
 * admin-guide/cputopology.rst}). Elsewhere every processor counts as a core of one node.
 *
 * <p>A "cpu" is what Linux calls so: a hardware thread. With simultaneous multithreading several of
 * them are one core, and a second thread on a core adds little to kernels that are bound by memory
 * or by the vector units.
 *
 * @param cpus those that are online and allowed to this process, by id; never empty
 * @param onlineCpus how many the machine has, allowed or not
 * @param available how many the JVM counts: fewer than {@code cpus} where a container has a quota
 *     of time, or a flag of the JVM says so
 * @param source where this was read
 */
public record Topology(List<Cpu> cpus, int onlineCpus, int available, String source) {
  /**
   * A hardware thread.
   *
   * @param id Linux's number
   * @param core the smallest id among those that share the core
   * @param socket the package's number
   * @param node where memory is near: its own node, or the nearest one with memory
   * @param capacity 1024 for the fastest cores of the machine, less for slower kinds
   */
  public record Cpu(int id, int core, int socket, int node, int capacity) {}

  /** The capacity of the fastest cores, as Linux has it ({@code SCHED_CAPACITY_SCALE}). */
  private static final int FULL_CAPACITY = 1024;

  /** Stands for the efficient cores of a hybrid x86 processor, where Linux gives no figure. */
  private static final int EFFICIENT_CAPACITY = 512;

  /** Copies the list. */
  public Topology {
    cpus = List.copyOf(cpus);
  }

  /** What the calling thread may use here and now: call it before threads are pinned. */
  public static Topology here() {
    return read(
        Path.of("/"), SystemCalls.here().affinity(), Runtime.getRuntime().availableProcessors());
  }

  /**
   * Reads Linux's files.
   *
   * @param root the folder in which {@code sys} and {@code proc} are
   * @param affinity what the scheduler said is allowed; if empty, {@code Cpus_allowed_list} of
   *     {@code /proc/self/status} is taken, or else all that are online
   * @param available processors that the JVM counts
   */
  static Topology read(Path root, Optional<BitSet> affinity, int available) {
    Path system = root.resolve("sys/devices/system");
    BitSet online = list(system.resolve("cpu/online"));
    if (online.isEmpty()) {
      return flat(available);
    }
    BitSet usable = (BitSet) online.clone();
    BitSet allowed = affinity.orElseGet(() -> allowedList(root.resolve("proc/self/status")));
    if (allowed.intersects(usable)) {
      usable.and(allowed);
    }
    Map<Integer, Integer> nodes = nodes(system.resolve("node"));
    BitSet efficient = list(root.resolve("sys/devices/cpu_atom/cpus"));
    List<Cpu> cpus = new ArrayList<>();
    for (int id = usable.nextSetBit(0); id >= 0; id = usable.nextSetBit(id + 1)) {
      Path folder = system.resolve("cpu/cpu" + id);
      BitSet siblings = list(folder.resolve("topology/thread_siblings_list"));
      if (siblings.isEmpty()) {
        siblings = list(folder.resolve("topology/core_cpus_list"));
      }
      int capacity = number(folder.resolve("cpu_capacity"), FULL_CAPACITY);
      cpus.add(
          new Cpu(
              id,
              siblings.isEmpty() ? id : siblings.nextSetBit(0),
              Math.max(0, number(folder.resolve("topology/physical_package_id"), 0)),
              nodes.getOrDefault(id, 0),
              efficient.get(id) ? EFFICIENT_CAPACITY : capacity));
    }
    return new Topology(cpus, online.cardinality(), available, system.toString());
  }

  private static Topology flat(int available) {
    List<Cpu> cpus = new ArrayList<>();
    for (int id = 0; id < available; id++) {
      cpus.add(new Cpu(id, id, 0, 0, FULL_CAPACITY));
    }
    return new Topology(cpus, available, available, "the JVM");
  }

  /** Each cpu's node, or the nearest one with memory where its own has none. */
  private static Map<Integer, Integer> nodes(Path folder) {
    BitSet numbers = list(folder.resolve("online"));
    BitSet withMemory = list(folder.resolve("has_memory"));
    Map<Integer, Integer> found = new HashMap<>();
    for (int node = numbers.nextSetBit(0); node >= 0; node = numbers.nextSetBit(node + 1)) {
      BitSet cpus = list(folder.resolve("node" + node + "/cpulist"));
      int home = node;
      if (!withMemory.isEmpty() && !withMemory.get(node)) {
        home = nearest(folder.resolve("node" + node + "/distance"), numbers, withMemory);
      }
      for (int id = cpus.nextSetBit(0); id >= 0; id = cpus.nextSetBit(id + 1)) {
        found.put(id, home);
      }
    }
    return found;
  }

  private static int nearest(Path file, BitSet numbers, BitSet withMemory) {
    String[] distances = first(file).split("\\s+");
    int best = withMemory.nextSetBit(0);
    int least = Integer.MAX_VALUE;
    int column = 0; // distances are of the nodes online, in order
    for (int node = numbers.nextSetBit(0);
        node >= 0 && column < distances.length;
        node = numbers.nextSetBit(node + 1)) {
      int distance = parse(distances[column++], Integer.MAX_VALUE);
      if (withMemory.get(node) && distance < least) {
        best = node;
        least = distance;
      }
    }
    return best;
  }

  private static BitSet allowedList(Path status) {
    for (String line : lines(status)) {
      if (line.startsWith("Cpus_allowed_list:")) {
        return parseList(line.substring(line.indexOf(':') + 1).strip());
      }
    }
    return new BitSet();
  }

  /** Cores, each counted once however many of its cpus are allowed. */
  public int cores() {
    return (int) cpus.stream().mapToInt(Cpu::core).distinct().count();
  }

  /** Sockets with allowed cpus. */
  public int sockets() {
    return (int) cpus.stream().mapToInt(Cpu::socket).distinct().count();
  }

  /** The numbers of the nodes whose memory is near an allowed cpu, ascending. */
  public List<Integer> nodes() {
    Set<Integer> nodes = new TreeSet<>();
    cpus.forEach(cpu -> nodes.add(cpu.node()));
    return List.copyOf(nodes);
  }

  /** Whether the process may use less time than its cpus have. */
  public boolean hasQuota() {
    return available < cpus.size();
  }

  /** How many threads are worth having: one for each core, and no more than the JVM counts. */
  public int threads() {
    return Math.max(1, Math.min(available, cores()));
  }

  /** The allowed cpus of a node. */
  BitSet cpusOf(int node) {
    BitSet set = new BitSet();
    cpus.stream().filter(cpu -> cpu.node() == node).forEach(cpu -> set.set(cpu.id()));
    return set;
  }

  /**
   * The cpus in the order in which threads should take them: one of each core before the second of
   * any, fast cores before slow ones, and all nodes filled evenly.
   */
  public List<Cpu> order() {
    record Place(Cpu cpu, int sibling, int inNode) {}

    Map<Integer, Integer> taken = new HashMap<>(); // cpus so far of each core
    Map<List<Integer>, Integer> filled = new HashMap<>(); // so far of each node, rank and capacity
    List<Place> places = new ArrayList<>();
    for (Cpu cpu : cpus) {
      int sibling = taken.merge(cpu.core(), 1, Integer::sum) - 1;
      int inNode = filled.merge(List.of(cpu.node(), sibling, cpu.capacity()), 1, Integer::sum) - 1;
      places.add(new Place(cpu, sibling, inNode));
    }
    places.sort(
        Comparator.comparingInt(Place::sibling)
            .thenComparing(Comparator.comparingInt((Place p) -> p.cpu().capacity()).reversed())
            .thenComparingInt(Place::inNode)
            .thenComparingInt(p -> p.cpu().node())
            .thenComparingInt(p -> p.cpu().id()));
    return places.stream().map(Place::cpu).toList();
  }

  /** For people: {@code 2 sockets, 2 nodes, 128 cores, 256 cpus; 3 of them allowed}. */
  public String describe() {
    StringBuilder text = new StringBuilder();
    text.append(counted(sockets(), "socket")).append(", ");
    text.append(counted(nodes().size(), "node")).append(" of memory, ");
    text.append(counted(cores(), "core")).append(", ").append(counted(cpus.size(), "cpu"));
    Set<Integer> capacities = new HashSet<>();
    cpus.forEach(cpu -> capacities.add(cpu.capacity()));
    if (capacities.size() > 1) {
      text.append(" of ").append(capacities.size()).append(" speeds");
    }
    if (cpus.size() < onlineCpus) {
      text.append(" allowed of ").append(onlineCpus);
    }
    if (hasQuota()) {
      text.append(", time for ").append(available);
    }
    return text.toString();
  }

  private static String counted(int count, String name) {
    return count + " " + name + (count == 1 ? "" : "s");
  }

  /** Reads a list such as {@code 0-3,8}; what cannot be read is an empty one. */
  private static BitSet list(Path file) {
    return parseList(first(file));
  }

  static BitSet parseList(String text) {
    BitSet set = new BitSet();
    for (String range : text.isBlank() ? new String[0] : text.split(",")) {
      int dash = range.indexOf('-');
      int from = parse(dash < 0 ? range : range.substring(0, dash), -1);
      int to = dash < 0 ? from : parse(range.substring(dash + 1), -1);
      if (from < 0 || to < from || to >= 1 << 20) {
        return new BitSet();
      }
      set.set(from, to + 1);
    }
    return set;
  }

  private static int number(Path file, int otherwise) {
    return parse(first(file), otherwise);
  }

  private static int parse(String text, int otherwise) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      return otherwise; // a file that is not there, or of a form that no Linux has
    }
  }

  private static String first(Path file) {
    List<String> lines = lines(file);
    return lines.isEmpty() ? "" : lines.getFirst().strip();
  }

  private static List<String> lines(Path file) {
    try {
      return Files.isReadable(file) ? Files.readAllLines(file) : List.of();
    } catch (IOException e) {
      return List.of(); // a file of an offline cpu, or one that the container hides
    }
  }
}
