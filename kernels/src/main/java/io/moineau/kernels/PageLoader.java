package io.moineau.kernels;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

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
  private static final int EINVAL = 22;

  /** Bytes of one call: short enough that progress shows, and that it ends soon if cancelled. */
  private static final long STEP = 64L << 20;

  /** One thread per node maps cached pages at some 10 GB/s; more than a few wait for each other. */
  private static final int THREADS_PER_NODE = 4;

  private static final long BETWEEN_REPORTS_MILLIS = 50;

  private final SystemCalls calls;
  private final Topology topology;

  PageLoader(SystemCalls calls, Topology topology) {
    this.calls = calls;
    this.topology = topology;
  }

  /** One for this machine. */
  public static PageLoader here() {
    return new PageLoader(SystemCalls.here(), Topology.here());
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
      return "";
    }
    Job job = new Job();
    List<Thread> threads = new ArrayList<>();
    ofNode.forEach((node, list) -> {
      AtomicInteger next = new AtomicInteger();
      int size = Math.min(list.size(), threadsOn(node));
      for (int i = 0; i < size; i++) {
        threads.add(
            Thread.ofPlatform()
                .name("moineau-pages-" + threads.size())
                .daemon(true)
                .start(() -> job.work(node, list, next)));
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
      return "interrupted";
    } finally {
      job.error.compareAndSet(0, Job.CANCELLED);
      threads.forEach(PageLoader::await);
    }
    return job.error.get() == Job.CANCELLED ? "" : reason(job.error.get());
  }

  private int threadsOn(int node) {
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

    void work(int node, List<Range> steps, AtomicInteger next) {
      if (node >= 0) {
        calls.setAffinity(topology.cpusOf(node)); // refused: read from wherever this thread is
      }
      for (int i = next.getAndIncrement();
          i < steps.size() && error.get() == 0;
          i = next.getAndIncrement()) {
        Range step = steps.get(i);
        int refused = calls.advise(step.address(), step.bytes(), MADV_POPULATE_READ);
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
}
