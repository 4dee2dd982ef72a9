package io.moineau.kernels;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;

/**
 * Brings the pages of mapped files into memory before they are needed, so that the first prompt
 * does not wait for the disk page by page: {@code madvise(MADV_POPULATE_READ)}, Linux 5.14. Nothing
 * is copied; what is read is the page cache.
 *
 * <p>On a machine with several nodes of memory it also decides where pages lie: the system takes a
 * page that it must read from the node of the thread that asks. So the ranges of a node are read by
 * threads that are held there. Pages that were cached before stay where they are.
 */
public final class PageLoader {
  /** Is told how much was read. */
  @FunctionalInterface
  public interface Progress {
    /** So many bytes of the total are in memory now. What it throws ends the reading. */
    void read(long done, long total);
  }

  /**
   * Bytes that lie together.
   *
   * @param address of the first byte, at the beginning of a page
   * @param bytes how many
   * @param node Linux's number of the node to which they belong, or -1 for any
   */
  public record Range(long address, long bytes, int node) {
    /** The whole of a mapping, for any node. */
    public static Range of(MemorySegment mapping) {
      return new Range(mapping.address(), mapping.byteSize(), -1);
    }
  }

  private static final int MADV_POPULATE_READ = 22;
  private static final int MADV_HUGEPAGE = 14;
  private static final int MADV_DONTNEED = 4;
  private static final long HUGE_PAGE = 2L << 20;
  private static final int EINVAL = 22;
  private static final int MPOL_INTERLEAVE = 3;
  private static final int MPOL_MF_MOVE = 2;

  /** The largest ordinary page of the systems with nodes. */
  private static final long LARGEST_PAGE = 65_536;

  private static final long BETWEEN_LOOKS = 2L << 20;
  private static final int PAGES_PER_CALL = 4096;
  private static final int EINTR = 4;

  /** Bytes of one call: short enough that progress shows, and that it ends soon if cancelled. */
  private static final long STEP = 64L << 20;

  /** One thread per node maps cached pages at some 10 GB/s; more than a few wait for each other. */
  private static final int THREADS_PER_NODE = 4;

  private static final long BETWEEN_REPORTS_MILLIS = 50;

  private final SystemCalls calls;
  private final Supplier<Topology> machine;

  PageLoader(SystemCalls calls, Supplier<Topology> machine) {
    this.calls = calls;
    this.machine = machine;
  }

  /** One for this machine. */
  public static PageLoader here() {
    return new PageLoader(SystemCalls.here(), Topology::here);
  }

  /** Why pages cannot be read ahead on this system, in a line; empty if they can. */
  public String problem() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment page = arena.allocate(1L << 16, 1L << 16);
      return reason(calls.advise(page.address(), page.byteSize(), MADV_POPULATE_READ));
    }
  }

  private static String reason(int error) {
    return switch (error) {
      case 0 -> "";
      case SystemCalls.ENOSYS -> "this system has no madvise that a program may call";
      case EINTR -> "interrupted";
      case EINVAL -> "MADV_POPULATE_READ needs Linux 5.14 (errno 22)";
      default -> "the system refused MADV_POPULATE_READ (errno " + error + ")";
    };
  }

  /**
   * Reads ranges into memory, the nodes at the same time, and returns when all are there.
   *
   * @param ranges must stay mapped until this returns; at their first touch on each node
   * @param progress is told on the calling thread, some times a second and at the end
   * @return why not all was read, in a line; empty if it was
   */
  public String populate(List<Range> ranges, Progress progress) {
    return reason(
        each(
            ranges,
            progress,
            step -> calls.advise(step.address(), step.bytes(), MADV_POPULATE_READ)));
  }

  /**
   * Memory of the process's own for copies of mapped files, in huge pages where the system gives
   * them. Nothing is in it before {@link #copy}.
   *
   * @param arena frees it when it closes
   * @throws KernelException {@code kernel-no-memory} if the system gives none
   */
  public List<MemorySegment> allocate(List<MemorySegment> mappings, Arena arena) {
    List<MemorySegment> memory = new ArrayList<>();
    for (MemorySegment mapping : mappings) {
      memory.add(allocate(mapping.byteSize(), arena));
    }
    return memory;
  }

  /**
   * Copies mapped files, each part by a thread of the node where it is to be at home. What is
   * copied leaves the process (not the page cache, from where the system drops it at need).
   *
   * @param copies in the order of the mappings, as {@link #allocate} gives them
   * @param plan says where the copies are at home
   */
  public void copy(
      List<MemorySegment> mappings, List<MemorySegment> copies, NodePlan plan, Progress progress) {
    List<Range> ranges = new ArrayList<>();
    for (MemorySegment copy : copies) {
      long end = copy.address() + copy.byteSize();
      long next;
      for (long at = copy.address(); at < end; at = next) {
        next = Math.min(end, plan.homeEnds(at));
        ranges.add(new Range(at, next - at, plan.node(plan.homeOf(at))));
      }
    }
    int ignored = each(ranges, progress, step -> copy(mappings, copies, step));
  }

  private int copy(List<MemorySegment> mappings, List<MemorySegment> copies, Range step) {
    for (int i = 0; i < mappings.size(); i++) {
      long offset = step.address() - copies.get(i).address();
      if (offset >= 0 && offset < copies.get(i).byteSize()) {
        MemorySegment target = MemorySegment.ofAddress(step.address()).reinterpret(step.bytes());
        MemorySegment.copy(mappings.get(i), offset, target, 0, step.bytes());
        long source = mappings.get(i).address() + offset;
        long from = Math.ceilDiv(source, LARGEST_PAGE) * LARGEST_PAGE;
        long to = (source + step.bytes()) / LARGEST_PAGE * LARGEST_PAGE;
        if (to > from) {
          int ignored = calls.advise(from, to - from, MADV_DONTNEED); // refused: memory is lost
        }
      }
    }
    return 0;
  }

  private MemorySegment allocate(long bytes, Arena arena) {
    long mapped = bytes + HUGE_PAGE;
    long address = calls.map(mapped);
    if (address == -SystemCalls.ENOSYS) {
      return arena.allocate(bytes, 64);
    }
    if (address < 0) {
      throw new KernelException(
          "kernel-no-memory",
          "the system gives no memory for a copy of the weights",
          mapped + " bytes: errno " + -address,
          "as much memory as the files have, beside what is in use",
          "leave the copy (--repack), or stop other programs");
    }
    long aligned = Math.ceilDiv(address, HUGE_PAGE) * HUGE_PAGE;
    int ignored = calls.advise(aligned, bytes, MADV_HUGEPAGE); // hugeBytes() tells what came of it
    return MemorySegment.ofAddress(aligned)
        .reinterpret(bytes, arena, memory -> calls.unmap(address, mapped));
  }

  /** Does something of each part of the ranges on several threads; 0 or the first error. */
  private int each(List<Range> ranges, Progress progress, ToIntFunction<Range> action) {
    List<Range> steps = new ArrayList<>();
    TreeMap<Integer, List<Range>> ofNode = new TreeMap<>();
    long total = 0;
    for (Range range : ranges) {
      for (long at = 0; at < range.bytes(); at += STEP) {
        Range step =
            new Range(range.address() + at, Math.min(STEP, range.bytes() - at), range.node());
        steps.add(step);
        ofNode.computeIfAbsent(range.node(), node -> new ArrayList<>()).add(step);
      }
      total += range.bytes();
    }
    if (steps.isEmpty()) {
      return 0;
    }
    Topology topology = machine.get();
    Job job = new Job(action);
    List<Thread> threads = new ArrayList<>();
    ofNode.forEach((node, list) -> {
      AtomicInteger next = new AtomicInteger();
      int size = Math.min(list.size(), threadsOn(topology, node));
      for (int i = 0; i < size; i++) {
        threads.add(
            Thread.ofPlatform()
                .name("moineau-pages-" + threads.size())
                .daemon(true)
                .start(
                    () -> job.work(node < 0 ? new BitSet() : topology.cpusOf(node), list, next)));
      }
    });
    try {
      for (Thread thread : threads) {
        while (!thread.join(java.time.Duration.ofMillis(BETWEEN_REPORTS_MILLIS))) {
          progress.read(job.done.get(), total);
        }
      }
      if (job.error.get() == 0) {
        progress.read(total, total);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return EINTR;
    } finally {
      job.error.compareAndSet(0, Job.CANCELLED);
      threads.forEach(PageLoader::await);
    }
    return job.error.get() == Job.CANCELLED ? 0 : job.error.get();
  }

  private static int threadsOn(Topology topology, int node) {
    BitSet cpus = node < 0 ? new BitSet() : topology.cpusOf(node);
    int here = node < 0 ? topology.threads() : Math.max(1, cpus.cardinality());
    return Math.min(here, THREADS_PER_NODE);
  }

  /** The memory may be unmapped once the caller goes on, so no thread may be left in it. */
  private static void await(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Job {
    static final int CANCELLED = -1;
    final AtomicLong done = new AtomicLong();
    final AtomicInteger error = new AtomicInteger();
    private final ToIntFunction<Range> action;

    Job(ToIntFunction<Range> action) {
      this.action = action;
    }

    void work(BitSet cpus, List<Range> steps, AtomicInteger next) {
      if (!cpus.isEmpty()) {
        calls.setAffinity(cpus); // refused: read from wherever this thread is
      }
      for (int i = next.getAndIncrement();
          i < steps.size() && error.get() == 0;
          i = next.getAndIncrement()) {
        Range step = steps.get(i);
        int refused = action.applyAsInt(step);
        if (refused != 0) {
          error.compareAndSet(0, refused);
          return;
        }
        done.addAndGet(step.bytes());
      }
    }
  }

  /**
   * Asks for huge pages of mapped memory, before it is read. Whether the system gives any for files
   * depends on the kernel and the file system; {@link #hugeBytes} tells afterwards.
   *
   * @return why not, in a line; empty if the request was taken
   */
  public String adviseHuge(List<Range> ranges) {
    for (Range range : ranges) {
      int error = calls.advise(range.address(), range.bytes(), MADV_HUGEPAGE);
      if (error != 0) {
        return "the system refused MADV_HUGEPAGE (errno " + error + ")";
      }
    }
    return "";
  }

  /**
   * How many bytes of the ranges are mapped by huge pages now; -1 where the system does not say.
   */
  public static long hugeBytes(List<Range> ranges) {
    try {
      return hugeBytes(ranges, Files.readAllLines(Path.of("/proc/self/smaps")));
    } catch (IOException e) {
      return -1;
    }
  }

  static long hugeBytes(List<Range> ranges, List<String> smaps) {
    long huge = 0;
    boolean inside = false;
    for (String line : smaps) {
      int colon = line.indexOf(':');
      String[] words = line.strip().split("\\s+");
      if (words[0].indexOf('-') > 0 && !words[0].endsWith(":")) {
        String[] ends = words[0].split("-");
        long from = Long.parseUnsignedLong(ends[0], 16);
        long to = Long.parseUnsignedLong(ends[1], 16);
        inside = ranges.stream().anyMatch(r -> r.address() < to && from < r.address() + r.bytes());
      } else if (inside
          && colon > 0
          && (line.startsWith("FilePmdMapped") || line.startsWith("AnonHugePages"))) {
        huge += Long.parseLong(words[1]) * 1024;
      }
    }
    return huge;
  }

  /**
   * Where pages lie.
   *
   * @param home pages looked at that lie on the node that they belong to
   * @param elsewhere that lie on another
   * @param absent that are not in memory
   */
  public record Whereabouts(int home, int elsewhere, int absent) {}

  /**
   * Looks at a page of every 2 MiB of the ranges that belong to a node.
   *
   * @return empty where the system does not tell
   */
  public Optional<Whereabouts> whereabouts(List<Range> ranges) {
    List<Range> looked = new ArrayList<>();
    for (Range range : ranges) {
      for (long at = 0; range.node() >= 0 && at < range.bytes(); at += BETWEEN_LOOKS) {
        looked.add(new Range(range.address() + at, 1, range.node()));
      }
    }
    int home = 0;
    int elsewhere = 0;
    int absent = 0;
    for (int from = 0; from < looked.size(); from += PAGES_PER_CALL) {
      int count = Math.min(PAGES_PER_CALL, looked.size() - from);
      long[] pages = new long[count];
      int[] nodes = new int[count];
      for (int i = 0; i < count; i++) {
        pages[i] = looked.get(from + i).address();
      }
      if (calls.nodesOf(pages, nodes) != 0) {
        return Optional.empty();
      }
      for (int i = 0; i < count; i++) {
        if (nodes[i] < 0) {
          absent++;
        } else if (nodes[i] == looked.get(from + i).node()) {
          home++;
        } else {
          elsewhere++;
        }
      }
    }
    return Optional.of(new Whereabouts(home, elsewhere, absent));
  }

  /**
   * Spreads memory that is no file's over nodes page by page, moving what is there already: for
   * what all threads read, such as keys and values ({@code mbind}, MPOL_INTERLEAVE).
   *
   * @param nodes Linux's numbers
   * @return why not, in a line; empty if it was done or there is but one node
   */
  public String interleave(MemorySegment memory, List<Integer> nodes) {
    long from = (memory.address() + LARGEST_PAGE - 1) / LARGEST_PAGE * LARGEST_PAGE;
    long to = (memory.address() + memory.byteSize()) / LARGEST_PAGE * LARGEST_PAGE;
    if (nodes.size() < 2 || to <= from) {
      return "";
    }
    BitSet set = new BitSet();
    nodes.forEach(set::set);
    int error = calls.bind(from, to - from, MPOL_INTERLEAVE, set, MPOL_MF_MOVE);
    return error == 0 ? "" : "the system refused mbind (errno " + error + ")";
  }
}
