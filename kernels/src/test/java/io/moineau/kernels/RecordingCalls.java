package io.moineau.kernels;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.LongToIntFunction;

/** A system that does what it is asked, or refuses with an error, and remembers the calls. */
final class RecordingCalls implements SystemCalls {
  final ConcurrentMap<String, BitSet> held = new ConcurrentHashMap<>(); // by name of the thread
  final List<String> calls = new ArrayList<>();
  final BitSet before;
  volatile int error;
  LongToIntFunction nodeOf = address -> 0;

  RecordingCalls(BitSet before) {
    this.before = before;
  }

  private BitSet mine() {
    return held.getOrDefault(Thread.currentThread().getName(), before);
  }

  private synchronized int record(String call) {
    calls.add(call);
    return error;
  }

  @Override
  public Optional<BitSet> affinity() {
    return Optional.of(mine());
  }

  @Override
  public int setAffinity(BitSet cpus) {
    if (error == 0) {
      held.put(Thread.currentThread().getName(), (BitSet) cpus.clone());
    }
    return error;
  }

  @Override
  public int cpu() {
    return mine().nextSetBit(0);
  }

  @Override
  public int advise(long address, long bytes, int advice) {
    return record("madvise " + address + " " + bytes + " " + advice + " on " + mine());
  }

  @Override
  public long map(long bytes) {
    return -record("mmap " + bytes);
  }

  @Override
  public int unmap(long address, long bytes) {
    return record("munmap " + address + " " + bytes);
  }

  @Override
  public int bind(long address, long bytes, int mode, BitSet nodes, int flags) {
    return record("mbind " + address + " " + bytes + " " + mode + " " + nodes + " " + flags);
  }

  @Override
  public int nodesOf(long[] pages, int[] nodes) {
    for (int i = 0; i < pages.length; i++) {
      nodes[i] = nodeOf.applyAsInt(pages[i]);
    }
    return record("move_pages " + pages.length);
  }
}
