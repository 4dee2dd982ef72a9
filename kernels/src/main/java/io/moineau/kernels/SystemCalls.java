package io.moineau.kernels;

import java.util.BitSet;
import java.util.Optional;

/**
 * The calls about threads and memory that the JDK has no methods for, as Linux has them. Each gives
 * 0 or the number of an error, so that a system which lacks or refuses one is never more than a
 * reason not to do a thing. Tests give their own.
 */
interface SystemCalls {
  /** The error of calls that the system does not have. */
  int ENOSYS = 38;

  /** {@code sched_getaffinity}: processors that the calling thread may use; empty if not told. */
  Optional<BitSet> affinity();

  /** {@code sched_setaffinity} of the calling thread. */
  int setAffinity(BitSet cpus);

  /** {@code sched_getcpu}: the processor that runs the calling thread; -1 if not told. */
  int cpu();

  /** {@code madvise} of whole pages. */
  int advise(long address, long bytes, int advice);

  /** {@code mmap} of memory of the process's own; its address, or minus an error. */
  long map(long bytes);

  /** {@code munmap}. */
  int unmap(long address, long bytes);

  /** {@code mbind} of whole pages: where the system takes memory of this range from. */
  int bind(long address, long bytes, int mode, BitSet nodes, int flags);

  /**
   * {@code move_pages} without nodes to move to: asks where pages lie.
   *
   * @param pages an address in each page
   * @param nodes gets the node of each, or minus an error: -2 (ENOENT) for a page not in memory
   */
  int nodesOf(long[] pages, int[] nodes);

  /** Those of this system, or ones that are all refused. */
  static SystemCalls here() {
    return LinuxCalls.Holder.HERE;
  }

  /** A system that has none of them. */
  final class None implements SystemCalls {
    @Override
    public Optional<BitSet> affinity() {
      return Optional.empty();
    }

    @Override
    public int setAffinity(BitSet cpus) {
      return ENOSYS;
    }

    @Override
    public int cpu() {
      return -1;
    }

    @Override
    public int advise(long address, long bytes, int advice) {
      return ENOSYS;
    }

    @Override
    public long map(long bytes) {
      return -ENOSYS;
    }

    @Override
    public int unmap(long address, long bytes) {
      return ENOSYS;
    }

    @Override
    public int bind(long address, long bytes, int mode, BitSet nodes, int flags) {
      return ENOSYS;
    }

    @Override
    public int nodesOf(long[] pages, int[] nodes) {
      return ENOSYS;
    }
  }
}
