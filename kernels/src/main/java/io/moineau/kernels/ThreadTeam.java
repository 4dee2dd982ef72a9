package io.moineau.kernels;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
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
 * joined. A thread joins by adding one, and has joined if the word it added to was open; otherwise
 * it takes the one back, which can at most delay the end of a region. So no thread ever tries
 * twice, however many there are. A parked thread is woken by whoever opens a region: it publishes
 * that it parks before it looks at the word a last time, and the opener looks for parked threads
 * after changing the word, so one of the two sees the other (Dekker's protocol on volatile fields).
 *
 * <p>Where threads are held on several nodes of memory, word and counter exist once per node: what
 * the threads of a node share stays in its caches, and a piece whose data lie on a node is taken by
 * the threads there first. On one node this is one word and one counter.
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

  private static final Task NOTHING = (piece, thread) -> {};
  private static final long OPEN = 1L << 20;
  private static final long JOINED = OPEN - 1;
  private static final long NEXT_REGION = OPEN << 1;
  private static final int SPINS_BETWEEN_LOOKS = 32;

  /** The serial work between two regions of a layer is shorter than this. */
  private static final long NANOS_BEFORE_YIELD = 100_000;

  /** Choosing the next token usually is shorter than this. */
  private static final long NANOS_BEFORE_PARK = 1_000_000;

  /** A few spins do not take so long unless the core was given to somebody else meanwhile. */
  private static final long NANOS_OF_ABSENCE = 30_000;

  private final Line[] state; // of each node: region number, OPEN, threads joined
  private final Line[] next; // of each node: the next piece to be taken
  private final int[] end; // of each node: the piece after its last
  private final int[] nodeOf; // of each thread
  private final Line sleeping = new Line(); // how many workers are parked or about to be
  private final Worker[] workers;
  private final Affinity affinity;
  private volatile boolean closed;
  private volatile @Nullable Throwable failure;
  private final Line busy = new Line(); // 1 while a region runs
  private Task task = NOTHING;

  /** Starts {@code size - 1} threads, which run where the system puts them. */
  public ThreadTeam(int size) {
    this(size, Affinity.none());
  }

  /**
   * Starts {@code size - 1} threads, pinned where that serves: see {@link Kernels#pinning}.
   *
   * @throws KernelException {@code kernel-bad-pin} if {@code MOINEAU_PIN} is neither {@code on} nor
   *     {@code off}
   */
  public static ThreadTeam pinned(int size) {
    String wish = System.getenv("MOINEAU_PIN");
    return new ThreadTeam(
        size, Affinity.plan(Topology.here(), size, wish == null ? "" : wish, SystemCalls.here()));
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
    int nodes = affinity.nodeCount();
    state = lines(nodes);
    next = lines(nodes);
    end = new int[nodes];
    nodeOf = new int[size];
    for (int thread = 0; thread < size; thread++) {
      nodeOf[thread] = affinity.nodeOf(thread);
    }
    workers = new Worker[size - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  private static Line[] lines(int count) {
    Line[] lines = new Line[count];
    for (int i = 0; i < count; i++) {
      lines[i] = new Line();
    }
    return lines;
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
  public void runPinned(Runnable work) {
    Optional<BitSet> before = affinity.current();
    affinity.pin(0);
    try {
      work.run();
    } finally {
      affinity.restore(before);
    }
  }

  /** Where the threads are held, and why, for people. */
  public String pinning() {
    return affinity.describe();
  }

  /** Where the threads are held. */
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
    begin(newTask);
    try {
      if (pieces <= 1 || workers.length == 0) {
        for (int piece = 0; piece < pieces; piece++) {
          newTask.run(piece, 0);
        }
        return;
      }
      // Of pieces without a home each node has as many.
      int nodes = end.length;
      int from = 0;
      for (int node = 0; node < nodes; node++) {
        int to = nodes == 1 ? pieces : (int) ((long) pieces * (node + 1) / nodes);
        next[node].setVolatile(from);
        end[node] = to;
        from = to;
      }
      runTogether();
    } finally {
      task = NOTHING;
      busy.setVolatile(0);
    }
    rethrowFailure();
  }

  /**
   * The same with pieces that have a home: their data lie in the memory of a node, whose threads
   * take them first. Threads that find nothing left on their own node take from the others.
   *
   * @param firstOfNode {@code [nodes + 1]}: pieces {@code firstOfNode[k]} to {@code firstOfNode[k +
   *     1] - 1} are at home on node k; from 0 on, ascending
   * @throws KernelException {@code kernel-bad-shape} if that is not so
   */
  public void run(int[] firstOfNode, Task newTask) {
    boolean right = firstOfNode.length == end.length + 1 && firstOfNode[0] == 0;
    for (int node = 0; right && node < end.length; node++) {
      right = firstOfNode[node] <= firstOfNode[node + 1];
    }
    Checks.that(
        right,
        "the pieces of a region are not shared out to the nodes",
        "firstOfNode=" + Arrays.toString(firstOfNode),
        end.length + " nodes, from 0 on, ascending");
    int pieces = firstOfNode[end.length];
    if (end.length == 1 || pieces <= 1) {
      run(pieces, newTask);
      return;
    }
    begin(newTask);
    try {
      for (int node = 0; node < end.length; node++) {
        next[node].setVolatile(firstOfNode[node]);
        end[node] = firstOfNode[node + 1];
      }
      runTogether();
    } finally {
      task = NOTHING;
      busy.setVolatile(0);
    }
    rethrowFailure();
  }

  private void begin(Task newTask) {
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
    task = newTask;
  }

  private void rethrowFailure() {
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      rethrow(thrown);
    }
  }

  private void runTogether() {
    for (Line word : state) {
      word.getAndAdd(NEXT_REGION | OPEN);
    }
    if (sleeping.getVolatile() > 0) {
      wake();
    }
    takePieces(0);
    for (Line word : state) {
      word.getAndAdd(-OPEN);
    }
    for (Line word : state) {
      awaitOthers(word);
    }
  }

  /** Others are in their last piece, or do not run: then the core may be what one of them wants. */
  private static void awaitOthers(Line word) {
    if ((word.getVolatile() & JOINED) == 0) {
      return;
    }
    long start = System.nanoTime();
    while (System.nanoTime() - start < NANOS_BEFORE_YIELD) {
      for (int i = 0; i < SPINS_BETWEEN_LOOKS; i++) {
        if ((word.getVolatile() & JOINED) == 0) {
          return;
        }
        Thread.onSpinWait();
      }
    }
    while ((word.getVolatile() & JOINED) != 0) {
      Thread.yield();
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
    Task current = task;
    int nodes = end.length;
    int home = nodeOf[thread];
    try {
      takePieces(home, current, thread);
      for (int i = 1; i < nodes; i++) {
        takePieces(home + i < nodes ? home + i : home + i - nodes, current, thread);
      }
    } catch (Throwable thrown) {
      for (int node = 0; node < nodes; node++) {
        next[node].setVolatile(end[node]);
      }
      synchronized (this) {
        if (failure == null) {
          failure = thrown;
        }
      }
    }
  }

  private void takePieces(int node, Task current, int thread) {
    Line counter = next[node];
    int last = end[node];
    for (long piece = counter.getAndAdd(1); piece < last; piece = counter.getAndAdd(1)) {
      current.run((int) piece, thread);
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
      Line word = state[nodeOf[number]];
      long region = 0;
      while (!closed) {
        if (isNews(word, region)) {
          long joined = word.getAndAdd(1);
          if ((joined & OPEN) != 0) {
            region = joined & -NEXT_REGION;
            takePieces(number);
          }
          word.getAndAdd(-1);
        } else {
          awaitRegion(word, region);
        }
      }
    }

    private boolean isNews(Line word, long region) {
      long seen = word.getVolatile();
      return (seen & OPEN) != 0 && (seen & -NEXT_REGION) != region;
    }

    private void awaitRegion(Line word, long region) {
      long start = System.nanoTime();
      long last = start;
      while (last - start < NANOS_BEFORE_YIELD) {
        for (int i = 0; i < SPINS_BETWEEN_LOOKS; i++) {
          if (isNews(word, region)) {
            return;
          }
          Thread.onSpinWait();
        }
        long now = System.nanoTime();
        if (now - last > NANOS_OF_ABSENCE) {
          break; // somebody else wants this core
        }
        last = now;
      }
      while (System.nanoTime() - start < NANOS_BEFORE_PARK) {
        if (closed || isNews(word, region)) {
          return;
        }
        Thread.yield();
      }
      parked = true;
      sleeping.getAndAdd(1);
      while (!closed && !isNews(word, region)) {
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
