package io.moineau.engine;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Whose turn it is: the virtual token counter of "Fairness in Serving Large Language Models" (VTC,
 * arXiv 2401.00588). Each share has a counter of the tokens that were computed for it, and the one
 * with the lowest goes first. A share that comes back after it had nothing to do is lifted to the
 * lowest counter of those that are busy, so that nobody saves up turns by being silent.
 *
 * <p>Changed by one thread, which iterates by index so that a step allocates nothing; {@link
 * #list()} is for any.
 */
final class Shares {
  /** Of a token that was generated; one of a prompt counts 1. As in the paper. */
  private static final double GENERATED_WEIGHT = 2;

  /** Shares without requests that are remembered. */
  private static final int MOST_IDLE = 1024;

  private final CopyOnWriteArrayList<Share> shares = new CopyOnWriteArrayList<>();
  private int numWaiting;

  List<Share> list() {
    return shares;
  }

  int numWaiting() {
    return numWaiting;
  }

  /** Adds a new request at the end of its share. */
  void add(Sequence sequence) {
    Share share = find(sequence.share);
    if (!share.isActive()) {
      share.served = Math.max(share.served, leastActive(share.served));
    }
    sequence.owner = share;
    share.addLast(sequence);
    numWaiting++;
  }

  /** Puts a request back to the front of its share. */
  void putBack(Sequence sequence) {
    sequence.owner.addFirst(sequence);
    numWaiting++;
  }

  void remove(Sequence sequence) {
    if (sequence.owner.remove(sequence)) {
      numWaiting--;
    }
  }

  private Share find(String name) {
    for (int i = 0; i < shares.size(); i++) {
      if (shares.get(i).name.equals(name)) {
        return shares.get(i);
      }
    }
    if (shares.size() >= MOST_IDLE) {
      forgetIdle();
    }
    Share share = new Share(name);
    shares.add(share);
    return share;
  }

  /** What these were served beyond others is forgotten: there are too many to remember. */
  private void forgetIdle() {
    shares.removeIf(share -> !share.isActive());
  }

  private double leastActive(double otherwise) {
    double least = Double.POSITIVE_INFINITY;
    for (int i = 0; i < shares.size(); i++) {
      if (shares.get(i).isActive()) {
        least = Math.min(least, shares.get(i).served);
      }
    }
    return least == Double.POSITIVE_INFINITY ? otherwise : least;
  }

  /** Begins a step: every share may have something for it. */
  void beginStep() {
    for (int i = 0; i < shares.size(); i++) {
      shares.get(i).passed = false;
    }
  }

  /** The busy share that was served least, of those not passed; the first to come of equals. */
  @Nullable Share next() {
    Share best = null;
    for (int i = 0; i < shares.size(); i++) {
      Share share = shares.get(i);
      if (!share.passed && share.isActive() && (best == null || share.served < best.served)) {
        best = share;
      }
    }
    return best;
  }

  /** The share that was served least of those that wait; null if none does. */
  @Nullable Share nextWaiting() {
    Share best = null;
    for (int i = 0; i < shares.size(); i++) {
      Share share = shares.get(i);
      if (!share.waiting.isEmpty() && (best == null || share.served < best.served)) {
        best = share;
      }
    }
    return best;
  }

  /** Notes that {@code n} more tokens of a sequence are computed; those computed again are free. */
  void charge(Sequence sequence, int n) {
    int to = sequence.numComputed + n;
    int from = sequence.numCharged;
    if (to <= from) {
      return;
    }
    int generated = Math.max(0, to - Math.max(from, sequence.promptLength));
    sequence.owner.served += (to - from - generated) + GENERATED_WEIGHT * generated;
    sequence.numCharged = to;
  }

  /** The first waiting sequence that was cancelled. */
  @Nullable Sequence findCancelled() {
    for (int i = 0; i < shares.size(); i++) {
      if (shares.get(i).waiting.isEmpty()) {
        continue;
      }
      for (Sequence sequence : shares.get(i).waiting) {
        if (sequence.isCancelled()) {
          return sequence;
        }
      }
    }
    return null;
  }

  /** One that has waited for its first token for longer than {@code nanos}. */
  @Nullable Sequence findOverdue(long now, long nanos) {
    for (int i = 0; i < shares.size(); i++) {
      for (Sequence sequence : shares.get(i).waiting) {
        if (sequence.numCached < 0 && now - sequence.submittedAt > nanos) {
          return sequence;
        }
      }
    }
    return null;
  }

  /** Any that waits. */
  @Nullable Sequence findAny() {
    for (int i = 0; i < shares.size(); i++) {
      Sequence first = shares.get(i).waiting.peekFirst();
      if (first != null) {
        return first;
      }
    }
    return null;
  }
}
