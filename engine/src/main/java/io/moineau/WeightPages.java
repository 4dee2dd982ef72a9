package io.moineau;

import io.moineau.engine.MachineMemory;
import io.moineau.format.GgufFile;
import io.moineau.kernels.NodePlan;
import io.moineau.kernels.PageLoader;
import io.moineau.kernels.PagedKv;
import io.moineau.tensor.TensorView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** Does with the pages of a mapped file what {@link PageOptions} ask for. */
final class WeightPages {
  /** Below so many bytes the first prompt reads them as fast. */
  private static final long WORTH_READING = 256L << 20;

  private final long worthReading;
  private final PageLoader loader;
  private final PageOptions options;
  private final LoadListener progress;
  private final List<String> notes;

  /** {@code notes} gets a line of what was asked for and could not be done as asked. */
  WeightPages(PageLoader loader, PageOptions options, LoadListener progress, List<String> notes) {
    this(loader, options, progress, notes, WORTH_READING);
  }

  WeightPages(
      PageLoader loader,
      PageOptions options,
      LoadListener progress,
      List<String> notes,
      long worthReading) {
    this.worthReading = worthReading;
    this.loader = loader;
    this.options = options;
    this.progress = progress;
    this.notes = notes;
  }

  /**
   * Shares out the weights to the nodes that the team's threads are pinned to, if that is asked
   * for.
   *
   * @param nodes Linux's numbers; empty if threads are not pinned
   * @param pinning why they are or are not, for the note
   */
  NodePlan plan(GgufFile file, List<Integer> nodes, String pinning) {
    NodePlan plan = new NodePlan(nodes);
    if (options.numa() == NumaMode.OFF) {
      return plan;
    }
    if (nodes.size() < 2) {
      notes.add(
          nodes.isEmpty()
              ? "Weights are not shared out to nodes of memory: threads are " + pinning + "."
              : "There is one node of memory: nothing to share out.");
      return plan;
    }
    List<MemorySegment> mappings = file.mappings();
    for (TensorView tensor : file.tensors().values()) {
      mappings.stream()
          .filter(mapping -> contains(mapping, tensor.data()))
          .findFirst()
          .ifPresent(mapping -> plan.add(tensor, mapping));
    }
    return plan;
  }

  private static boolean contains(MemorySegment mapping, MemorySegment data) {
    long offset = data.address() - mapping.address();
    return offset >= 0 && offset + data.byteSize() <= mapping.byteSize();
  }

  /**
   * The model in memory for copies of its files, which {@link #copy} fills.
   *
   * @param arena frees the copies
   */
  GgufFile place(GgufFile file, Arena arena) {
    return file.at(loader.allocate(file.mappings(), arena));
  }

  /** Copies a file to the memory that {@link #place} has found. */
  void copy(GgufFile file, GgufFile placed, NodePlan plan) {
    long start = System.nanoTime();
    loader.copy(file.mappings(), placed.mappings(), plan, progress::reading);
    long huge = PageLoader.hugeBytes(placed.mappings().stream().map(PageLoader.Range::of).toList());
    notes.add(
        "The weights were copied to %,d MiB of memory%s, in %.1f s."
            .formatted(
                file.fileBytes() >> 20,
                huge < 0 ? "" : ", %,d MiB of it in huge pages".formatted(huge >> 20),
                (System.nanoTime() - start) / 1e9));
  }

  /** Advises the system, and reads what is to be read; does nothing by default. */
  void prepare(GgufFile file, MachineMemory memory, NodePlan plan) {
    List<PageLoader.Range> whole = file.mappings().stream().map(PageLoader.Range::of).toList();
    String refused = options.huge() ? loader.adviseHuge(whole) : "";
    if (!plan.isTrivial()) {
      distribute(plan.ranges(), file.fileBytes(), memory);
    } else if (options.populate() && file.fileBytes() >= worthReading) {
      populate(whole, file.fileBytes(), memory);
    }
    if (options.huge()) {
      notes.add(hugePages(refused, whole, file.fileBytes()));
    }
  }

  private static String hugePages(String refused, List<PageLoader.Range> whole, long bytes) {
    if (!refused.isEmpty()) {
      return "No huge pages: " + refused + ".";
    }
    long huge = PageLoader.hugeBytes(whole);
    return huge < 0
        ? "Huge pages were asked for; this system does not say whether it gave any."
        : "Huge pages hold " + (huge >> 20) + " MiB of " + (bytes >> 20) + " MiB of weights now.";
  }

  private void distribute(List<PageLoader.Range> ranges, long bytes, MachineMemory memory) {
    String problem = unfit(bytes, memory);
    if (problem.isEmpty()) {
      problem = loader.populate(ranges, progress::reading);
    }
    if (!problem.isEmpty()) {
      notes.add("Weights are not shared out to the nodes of memory: " + problem + ".");
      return;
    }
    loader
        .whereabouts(ranges)
        .ifPresent(found -> {
          int looked = found.home() + found.elsewhere() + found.absent();
          int percent = (int) (100L * found.home() / Math.max(1, looked));
          notes.add(
              percent
                  + " % of the weights lie on the node that computes with them."
                  + (percent < 90
                      ? " The others were in memory before, on another node; they move when the"
                          + " system has dropped them (vmtouch -e, or a restart)."
                      : ""));
        });
  }

  private void populate(List<PageLoader.Range> ranges, long bytes, MachineMemory memory) {
    String problem = unfit(bytes, memory);
    if (!problem.isEmpty()) {
      notes.add("Weights are read when they are needed: " + problem + ".");
      return;
    }
    // A system that cannot is no reason for a line at every start; `doctor` tells it.
    String ignored = loader.populate(ranges, progress::reading);
  }

  private static String unfit(long bytes, MachineMemory memory) {
    return bytes <= memory.availableBytes()
        ? ""
        : "the files have "
            + (bytes >> 20)
            + " MiB, and "
            + (memory.availableBytes() >> 20)
            + " MiB of memory are available";
  }

  /** Spreads keys and values over the nodes of a plan. */
  void spread(PagedKv kv, NodePlan plan, List<Integer> nodes) {
    if (plan.isTrivial()) {
      return;
    }
    for (MemorySegment memory : kv.memory()) {
      String problem = loader.interleave(memory, nodes);
      if (!problem.isEmpty()) {
        notes.add("Keys and values are not spread over the nodes of memory: " + problem + ".");
        return;
      }
    }
  }
}
