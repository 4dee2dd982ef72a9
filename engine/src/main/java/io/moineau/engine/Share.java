package io.moineau.engine;

import java.util.ArrayDeque;

/** The requests of one who asks, and what was computed for them. Changed by one thread. */
final class Share {
  /** Of a sequence that no scheduler has seen yet. */
  static final Share NONE = new Share("");

  final String name;
  final ArrayDeque<Sequence> waiting = new ArrayDeque<>(); // first come first served

  /** Tokens computed, weighted: the virtual counter of the paper that {@link Shares} names. */
  double served;

  /** Whether it was found to have nothing for this step. */
  boolean passed;

  private volatile int numRunning;
  private volatile int numWaiting;

  Share(String name) {
    this.name = name;
  }

  boolean isActive() {
    return numRunning > 0 || !waiting.isEmpty();
  }

  void addLast(Sequence sequence) {
    waiting.addLast(sequence);
    numWaiting = waiting.size();
  }

  /** Puts one back whose blocks were taken: it came before those that wait. */
  void addFirst(Sequence sequence) {
    waiting.addFirst(sequence);
    numWaiting = waiting.size();
  }

  boolean remove(Sequence sequence) {
    boolean removed = waiting.remove(sequence);
    numWaiting = waiting.size();
    return removed;
  }

  void setRunning(int count) {
    numRunning = count;
  }

  /** Sequences that run; from any thread. */
  int numRunning() {
    return numRunning;
  }

  /** Requests that wait; from any thread. */
  int numWaiting() {
    return numWaiting;
  }
}
