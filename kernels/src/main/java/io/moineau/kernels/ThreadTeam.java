package io.moineau.kernels;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.BitSet;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that share the pieces of one piece of work after another: the calling thread and {@code
 * size - 1} daemon threads.
 *
 * <p>A forward pass has some hundred short regions of parallel work, so starting one must cost well
 * under a microsecond: idle threads spin on one word for a while, then yield, then park. Pieces are
 * taken from a shared counter, so that unequal pieces balance, and a region may be done by any
 * subset of the team: a thread that the system does not run just then (cores taken by others) has
 * not joined the region and is not waited for. Only threads that joined are.
 *
 * <p>One word holds the state: number of the region, whether it is open, how many threads have
 * joined. A thread joins by compare-and-set on the open word and so can never join a region that
 * has ended. A parked thread is woken by whoever opens a region: it publishes that it parks before
 * it looks at the word a last time, and the opener looks for parked threads after changing the
 * word, so one of the two sees the other (Dekker's protocol on volatile fields).
 */
public final class ThreadTeam implements AutoCloseable {
  /** One piece of a region. */
  @FunctionalInterface
  public interface Task {
    /**
     * Does a piece.
     *
     * @param piece 0 to count - 1
     * @param thread 0 to size - 1; two pieces that run at once have different ones
     */
    void run(int piece, int thread);
  }

  private static final long OPEN = 1L << 20;
  private static final long JOINED = OPEN - 1;
  private static final long NEXT_REGION = OPEN << 1;
  private static final int SPINS_BEFORE_YIELD = 2_000;
  private static final long NANOS_BEFORE_PARK = 200_000;

  private final Line state = new Line(); // region number, OPEN, threads joined
  private final Line next = new Line(); // the next piece to be taken
  private final Line sleeping = new Line(); // how many workers are parked or about to be
  private final Worker[] workers;
  private final Affinity affinity;
  private volatile boolean closed;
  private volatile @Nullable Throwable failure;
  private final Line busy = new Line(); // 1 while a region runs
  private Task task = (piece, thread) -> {};
  private int count;

  /** Starts {@code size - 1} threads, which run where the system puts them. */
  public ThreadTeam(int size) {
    this(size, Affinity.none());
  }

  /** Starts {@code size - 1} threads; each goes where {@code affinity} holds it. */
  ThreadTeam(int size, Affinity affinity) {
    if (size < 1 || size > 4096) {
      throw new KernelException(
          "kernel-bad-threads",
          "a team cannot have so many threads",
          "threads=" + size,
          "1 to 4096",
          "choose about as many as there are physical cores");
    }
    this.affinity = affinity;
    workers = new Worker[size - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  /** Threads, the calling one included. */
  public int size() {
    return workers.length + 1;
  }

  /**
   * Runs {@code work} with the calling thread held where the team's thread 0 belongs, if the team's
   * threads are held at all; afterwards it may run where it could before. Threads that it starts
   * meanwhile inherit its place, so this is for a thread whose work the caller knows.
   */
  void runPinned(Runnable work) {
    Optional<BitSet> before = affinity.current();
    affinity.pin(0);
    try {
      work.run();
    } finally {
      affinity.restore(before);
    }
  }

  /** Where the threads are held, and why. */
  Affinity affinity() {
    return affinity;
  }

  /**
   * Runs pieces 0 to {@code pieces - 1}; returns when all are done. What a piece throws reaches the
   * caller, and pieces not yet begun are then left out.
   *
   * @throws KernelException {@code kernel-team-busy} if a region runs already (a piece that starts
   *     a region, or a second calling thread), {@code kernel-team-closed} after {@link #close}
   */
  public void run(int pieces, Task newTask) {
    if (closed) {
      throw new KernelException(
          "kernel-team-closed", "the thread team was closed", "", "", "use it before close()");
    }
    if (!busy.compareAndSet(0, 1)) {
      throw new KernelException(
          "kernel-team-busy",
          "the thread team is at work already",
          "",
          "one caller at a time, and no region inside a region",
          "give each caller Kernels of its own");
    }
    try {
      task = newTask;
      count = pieces;
      if (pieces <= 1 || workers.length == 0) {
        for (int piece = 0; piece < pieces; piece++) {
          newTask.run(piece, 0);
        }
        return;
      }
      runTogether();
    } finally {
      task = (piece, thread) -> {};
      busy.setVolatile(0);
    }
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      rethrow(thrown);
    }
  }

  private void runTogether() {
    next.setVolatile(0);
    long open = ((state.getVolatile() + NEXT_REGION) & ~JOINED) | OPEN;
    state.setVolatile(open);
    if (sleeping.getVolatile() > 0) {
      wake();
    }
    takePieces(0);
    long seen = state.getVolatile();
    while (!state.compareAndSet(seen, seen & ~OPEN)) {
      seen = state.getVolatile();
    }
    int spins = 0;
    while ((state.getVolatile() & JOINED) != 0) {
      // Others are in their last piece. Yield soon: the core may be wanted by one of them.
      if (++spins < SPINS_BEFORE_YIELD) {
        Thread.onSpinWait();
      } else {
        Thread.yield();
      }
    }
  }

  private void wake() {
    for (Worker worker : workers) {
      if (worker.parked) {
        LockSupport.unpark(worker);
      }
    }
  }

  private void takePieces(int thread) {
    int pieces = count;
    Task current = task;
    try {
      for (long piece = next.getAndAdd(1); piece < pieces; piece = next.getAndAdd(1)) {
        current.run((int) piece, thread);
      }
    } catch (Throwable thrown) {
      next.setVolatile(pieces);
      synchronized (this) {
        if (failure == null) {
          failure = thrown;
        }
      }
    }
  }

  private static void rethrow(Throwable thrown) {
    if (thrown instanceof RuntimeException exception) {
      throw exception;
    }
    if (thrown instanceof Error error) {
      throw error;
    }
    throw new IllegalStateException("a task threw a checked exception", thrown);
  }

  /** Ends the threads and waits for them. A second call does nothing. */
  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
    boolean interrupted = false;
    for (Worker worker : workers) {
      while (worker.isAlive()) {
        try {
          worker.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Worker extends Thread {
    private final int number;
    private volatile boolean parked;

    Worker(int number) {
      super("moineau-kernels-" + number);
      this.number = number;
      setDaemon(true);
    }

    @Override
    public void run() {
      affinity.pin(number);
      long region = 0;
      while (!closed) {
        long seen = state.getVolatile();
        if ((seen & OPEN) != 0 && (seen & -NEXT_REGION) != region) {
          if (state.compareAndSet(seen, seen + 1)) {
            region = seen & -NEXT_REGION;
            takePieces(number);
            state.getAndAdd(-1);
          }
        } else {
          awaitRegion(region);
        }
      }
    }

    private boolean isNews(long region) {
      long seen = state.getVolatile();
      return closed || ((seen & OPEN) != 0 && (seen & -NEXT_REGION) != region);
    }

    private void awaitRegion(long region) {
      for (int i = 0; i < SPINS_BEFORE_YIELD; i++) {
        if (isNews(region)) {
          return;
        }
        Thread.onSpinWait();
      }
      long start = System.nanoTime();
      while (System.nanoTime() - start < NANOS_BEFORE_PARK) {
        if (isNews(region)) {
          return;
        }
        Thread.yield();
      }
      parked = true;
      sleeping.getAndAdd(1);
      while (!isNews(region)) {
        LockSupport.park(this);
        if (Thread.interrupted()) {
          continue; // nobody's message to this thread; close() is how it ends
        }
      }
      sleeping.getAndAdd(-1);
      parked = false;
    }
  }

  /** A word with a cache line of its own on both sides (adjacent lines are fetched in pairs). */
  private static final class Line {
    private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int AT = 16;
    private final long[] slots = new long[32];

    long getVolatile() {
      return (long) SLOTS.getVolatile(slots, AT);
    }

    void setVolatile(long value) {
      SLOTS.setVolatile(slots, AT, value);
    }

    boolean compareAndSet(long expected, long value) {
      return SLOTS.compareAndSet(slots, AT, expected, value);
    }

    long getAndAdd(long value) {
      return (long) SLOTS.getAndAdd(slots, AT, value);
    }
  }
}
