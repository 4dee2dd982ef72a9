package io.moineau.kernels;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Where the threads of a team are held, and why there or why nowhere.
 *
 * <p>A thread that is held keeps its caches, and its memory stays near on machines with several
 * nodes. But two programs that hold their threads on the same cpus halve each other while other
 * cores idle. So threads are held on a cpu each only if the team takes every core that the process
 * may use (nobody else would find a free one in any case); a smaller team on a machine with several
 * nodes is spread over the nodes and held there, with the choice of the cpu left to the system; and
 * a smaller team on one node is left alone. {@code MOINEAU_PIN=on} and {@code off} decide instead.
 */
final class Affinity {
  /** How tightly threads are held. */
  enum Hold {
    /** Each on a cpu of its own. */
    CPU,
    /** Each on the cpus of one node. */
    NODE,
    /** Not at all. */
    NONE
  }

  private final Hold hold;
  private final String reason;
  private final List<Topology.Cpu> cpus; // of thread 0, 1 ...; empty where none is held
  private final List<Integer> nodes; // Linux's numbers of those in use
  private final Topology topology;
  private final SystemCalls calls;
  private volatile int refused; // number of the error of a call that was refused

  private Affinity(
      Hold hold, String reason, Topology topology, List<Topology.Cpu> cpus, SystemCalls calls) {
    this.hold = hold;
    this.reason = reason;
    this.topology = topology;
    this.cpus = hold == Hold.NONE ? List.of() : List.copyOf(cpus);
    this.calls = calls;
    this.nodes = this.cpus.stream().map(Topology.Cpu::node).distinct().sorted().toList();
  }

  /**
   * Decides.
   *
   * @param threads of the team, the calling one included
   * @param wish value of {@code MOINEAU_PIN}: empty, {@code on} or {@code off}
   * @throws KernelException {@code kernel-bad-pin} for another value
   */
  static Affinity plan(Topology topology, int threads, String wish, SystemCalls calls) {
    String word = wish.strip().toLowerCase(Locale.ROOT);
    if (!List.of("", "on", "off").contains(word)) {
      throw new KernelException(
          "kernel-bad-pin",
          "whether threads are pinned is told by a word that is not known",
          "MOINEAU_PIN=" + wish,
          "on, off, or unset",
          "correct it, or leave it unset");
    }
    boolean wanted = word.equals("on");
    int cores = topology.cores();
    int allowed = topology.cpus().size();
    String not = "";
    if (word.equals("off")) {
      not = "MOINEAU_PIN=off";
    } else if (threads == 1) {
      not = "one thread";
    } else if (calls.affinity().isEmpty()) {
      not = "this system does not let a program choose cpus";
    } else if (threads > allowed) {
      not = "more threads (" + threads + ") than cpus (" + allowed + ")";
    } else if (topology.hasQuota()) {
      not = "time for " + topology.available() + " of " + allowed + " cpus";
    }
    if (!not.isEmpty()) {
      return new Affinity(Hold.NONE, not, topology, List.of(), calls);
    }
    List<Topology.Cpu> order = topology.order().subList(0, threads);
    if (wanted || threads >= cores) {
      String why = wanted ? "MOINEAU_PIN=on" : "all " + cores + " cores are the team's";
      return new Affinity(Hold.CPU, why, topology, order, calls);
    }
    if (topology.nodes().size() > 1) {
      return new Affinity(Hold.NODE, "spread over the nodes of memory", topology, order, calls);
    }
    String left = threads + " of " + cores + " cores, which other programs may want";
    return new Affinity(Hold.NONE, left + "; MOINEAU_PIN=on pins them", topology, List.of(), calls);
  }

  /** Holds no thread. */
  static Affinity none() {
    Topology one = new Topology(List.of(new Topology.Cpu(0, 0, 0, 0, 1024)), 1, 1, "nothing");
    return new Affinity(Hold.NONE, "not asked for", one, List.of(), new SystemCalls.None());
  }

  /** How tightly threads are held. */
  Hold hold() {
    return refused == 0 ? hold : Hold.NONE;
  }

  /** Nodes that the team's threads are spread over; 1 if they are not held. */
  int nodeCount() {
    return Math.max(1, nodes.size());
  }

  /** Which of the nodes, counted from 0, a thread belongs to. */
  int nodeOf(int thread) {
    return cpus.isEmpty() ? 0 : nodes.indexOf(cpus.get(thread).node());
  }

  /** Linux's numbers of the nodes, ascending; empty if threads are not held. */
  List<Integer> nodes() {
    return nodes;
  }

  /** Holds the calling thread where thread {@code thread} of the team belongs. */
  void pin(int thread) {
    if (hold == Hold.NONE) {
      return;
    }
    Topology.Cpu cpu = cpus.get(thread);
    BitSet set = new BitSet();
    if (hold == Hold.CPU) {
      set.set(cpu.id());
    } else {
      set.or(topology.cpusOf(cpu.node()));
    }
    int error = calls.setAffinity(set);
    if (error != 0) {
      refused = error;
    }
  }

  /** Which cpus the calling thread may use now, for {@link #restore}. */
  Optional<BitSet> current() {
    return calls.affinity();
  }

  /** Lets the calling thread use these cpus again. */
  void restore(Optional<BitSet> before) {
    if (hold != Hold.NONE) {
      before.ifPresent(calls::setAffinity);
    }
  }

  /** For people: what was chosen, and why. */
  String describe() {
    if (refused != 0) {
      return "not pinned: the system refused it (errno " + refused + ")";
    }
    return switch (hold) {
      case NONE -> "not pinned: " + reason;
      case NODE -> "pinned to nodes " + join(nodes) + ": " + reason;
      case CPU -> {
        List<Integer> ids = new ArrayList<>(cpus.stream().map(Topology.Cpu::id).toList());
        yield "pinned to cpus " + shortened(ids) + ": " + reason;
      }
    };
  }

  private static String shortened(List<Integer> ids) {
    return ids.size() <= 16
        ? join(ids)
        : join(ids.subList(0, 8)) + " ... " + ids.getLast() + " (" + ids.size() + ")";
  }

  private static String join(List<Integer> numbers) {
    return String.join(", ", numbers.stream().map(String::valueOf).toList());
  }
}
