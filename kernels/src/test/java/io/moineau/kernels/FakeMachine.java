package io.moineau.kernels;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.Optional;

/** Writes what Linux tells about a machine into a folder that stands for the root. */
final class FakeMachine {
  private final Path root;

  FakeMachine(Path root) {
    this.root = root;
  }

  /** Two sockets, a node each, with {@code cores} cores each; siblings numbered as Intel does. */
  static FakeMachine twoSockets(Path root, int cores, boolean twoThreads) {
    FakeMachine machine = new FakeMachine(root);
    int all = 2 * cores;
    for (int core = 0; core < all; core++) {
      String siblings = twoThreads ? core + "," + (core + all) : "" + core;
      machine.cpu(core, siblings, core / cores);
      if (twoThreads) {
        machine.cpu(core + all, siblings, core / cores);
      }
    }
    for (int node = 0; node < 2; node++) {
      int from = node * cores;
      String list = range(from, cores) + (twoThreads ? "," + range(all + from, cores) : "");
      machine.node(node, list, node == 0 ? "10 21" : "21 10");
    }
    return machine
        .write("sys/devices/system/cpu/online", range(0, twoThreads ? 2 * all : all))
        .nodes("0-1", "0-1");
  }

  private static String range(int from, int count) {
    return from + "-" + (from + count - 1);
  }

  FakeMachine cpu(int id, String siblings, int socket) {
    String folder = "sys/devices/system/cpu/cpu" + id + "/topology/";
    write(folder + "thread_siblings_list", siblings);
    return write(folder + "physical_package_id", "" + socket);
  }

  FakeMachine node(int node, String cpus, String distances) {
    write("sys/devices/system/node/node" + node + "/cpulist", cpus);
    return write("sys/devices/system/node/node" + node + "/distance", distances);
  }

  FakeMachine nodes(String online, String withMemory) {
    write("sys/devices/system/node/online", online);
    return write("sys/devices/system/node/has_memory", withMemory);
  }

  FakeMachine write(String file, String text) {
    try {
      Path path = root.resolve(file);
      Files.createDirectories(path.getParent());
      Files.writeString(path, text + "\n");
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Topology read(int available) {
    return Topology.read(root, Optional.empty(), available);
  }

  Topology read(BitSet affinity, int available) {
    return Topology.read(root, Optional.of(affinity), available);
  }
}
