package io.moineau.server.api.moineau;

import io.moineau.EngineStats;
import io.moineau.ExpertActivity;
import io.moineau.Moineau;
import io.moineau.text.Json;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Looks at an engine's counters a few times a second while anybody listens, and makes one event of
 * what has changed, for all listeners together. Without a listener there is no thread and nothing
 * is read.
 *
 * <p>The last {@value #KEPT} events are kept. A listener that is too slow for them is given the
 * totals again, so that what it adds up stays right and nothing grows for it.
 */
final class ActivitySampler {
  static final int KEPT = 16;
  static final int MOST_LISTENERS = 64;

  /** The least time between two events, and the most. */
  private static final Duration QUICK = Duration.ofMillis(200);

  private static final long SLOW_NANOS = 1_000_000_000L;

  /** Rates are means of about this time. */
  private static final long WINDOW_NANOS = 1_500_000_000L;

  /** A prompt through a large model wakes every expert: then events come less often. */
  private static final int BYTES_PER_SECOND = 256 * 1024;

  /** An event, and how many were made with it. */
  record Event(long number, String json) {}

  private record Moment(long nanos, long generated, long computed) {}

  private final Moineau moineau;
  private final Optional<ExpertActivity> experts;
  private final long[] seen; // [layers, experts] as of the last event
  private final long[] now;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<Event> events = new ArrayDeque<>();
  private final Deque<Moment> moments = new ArrayDeque<>();
  private int listeners;
  private boolean sampling;
  private long number;
  private long lastAt;
  private long lastComputed = -1;
  private int lastRunning;
  private int lastWaiting;

  ActivitySampler(Moineau moineau) {
    this.moineau = moineau;
    this.experts = moineau.experts();
    int counters = experts.map(e -> e.layers().length * e.experts()).orElse(0);
    this.seen = new long[counters];
    this.now = new long[counters];
  }

  /** Takes a listener in, if there are not too many; {@link #leave} lets it go. */
  boolean join() {
    lock.lock();
    try {
      if (listeners == MOST_LISTENERS) {
        return false;
      }
      listeners++;
      if (!sampling) {
        sampling = true;
        sample(System.nanoTime());
        Thread.ofVirtual().name("moineau-activity").start(this::run);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  void leave() {
    lock.lock();
    try {
      listeners--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Wakes those who wait, to look whether they should go on. */
  void wake() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  int listeners() {
    lock.lock();
    try {
      return listeners;
    } finally {
      lock.unlock();
    }
  }

  private void run() {
    lock.lock();
    try {
      while (listeners > 0) {
        int size = events.isEmpty() ? 0 : events.getLast().json.length();
        long pause = Math.max(QUICK.toNanos(), size * SLOW_NANOS / BYTES_PER_SECOND);
        while (pause > 0 && listeners > 0) {
          pause = changed.awaitNanos(pause);
        }
        sample(System.nanoTime());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // nobody does; the next listener starts another
    } finally {
      sampling = false;
      events.clear();
      moments.clear();
      lock.unlock();
    }
  }

  private void sample(long nanos) {
    EngineStats stats = moineau.stats();
    moments.add(new Moment(nanos, stats.generatedTokens(), stats.computedTokens()));
    while (moments.size() > 2 && nanos - moments.getFirst().nanos > WINDOW_NANOS) {
      moments.removeFirst();
    }
    boolean quiet =
        stats.computedTokens() == lastComputed
            && stats.running() == lastRunning
            && stats.waiting() == lastWaiting;
    if (quiet && !events.isEmpty() && nanos - lastAt < SLOW_NANOS) {
      return;
    }
    Map<String, Object> body = figures(stats);
    readExperts();
    List<List<Long>> more = sparse(seen);
    body.put("experts", more);
    System.arraycopy(now, 0, seen, 0, now.length);
    lastAt = nanos;
    lastComputed = stats.computedTokens();
    lastRunning = stats.running();
    lastWaiting = stats.waiting();
    events.add(new Event(++number, Json.write(body)));
    while (events.size() > KEPT) {
      events.removeFirst();
    }
    changed.signalAll();
  }

  private Map<String, Object> figures(EngineStats stats) {
    Moment first = moments.getFirst();
    Moment last = moments.getLast();
    double seconds = Math.max(1, last.nanos - first.nanos) / 1e9;
    long generated = last.generated - first.generated;
    // What went through the model beside the tokens that were said.
    long prompts = Math.max(0, last.computed - first.computed - generated);
    boolean known = moments.size() > 1;
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("t", System.currentTimeMillis() / 1000.0);
    body.put("running", stats.running());
    body.put("waiting", stats.waiting());
    body.put("tokens_per_second", known ? rounded(generated / seconds) : 0.0);
    body.put("prompt_tokens_per_second", known ? rounded(prompts / seconds) : 0.0);
    body.put("kv_used", stats.usedBlocks());
    body.put("kv_blocks", stats.blocks());
    body.put("memory_bytes", ProcessMemory.bytes());
    return body;
  }

  private static double rounded(double value) {
    return Math.round(value * 10) / 10.0;
  }

  private void readExperts() {
    if (experts.isPresent()) {
      ExpertActivity activity = experts.get();
      for (int layer = 0; layer * activity.experts() < now.length; layer++) {
        activity.copyTokens(layer, now, layer * activity.experts());
      }
    }
  }

  /** {@code [layer, expert, tokens]} of all experts with more tokens than {@code before}. */
  private List<List<Long>> sparse(long[] before) {
    List<List<Long>> list = new ArrayList<>();
    if (experts.isPresent()) {
      int[] layers = experts.get().layers();
      int count = experts.get().experts();
      for (int i = 0; i < now.length; i++) {
        if (now[i] != before[i]) {
          list.add(List.of((long) layers[i / count], (long) (i % count), now[i] - before[i]));
        }
      }
    }
    return list;
  }

  /** All that was counted up to the last event, for a listener that has none of it. */
  Event totals() {
    lock.lock();
    try {
      Map<String, Object> body = figures(moineau.stats());
      long[] none = new long[seen.length];
      System.arraycopy(seen, 0, now, 0, seen.length);
      body.put("total", true);
      body.put(
          "layers", experts.map(e -> Arrays.stream(e.layers()).boxed().toList()).orElse(List.of()));
      body.put("experts_per_layer", experts.map(ExpertActivity::experts).orElse(0));
      body.put("experts", sparse(none));
      return new Event(number, Json.write(body));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits for the event after one; the totals again where that is gone already, and empty where
   * none came within a second or two, or {@link #wake} was called.
   */
  Optional<Event> after(long last) throws InterruptedException {
    lock.lock();
    try {
      if (number == last) {
        changed.await(2, TimeUnit.SECONDS);
      }
      if (number == last) {
        return Optional.empty();
      }
      if (events.isEmpty() || events.getFirst().number > last + 1) {
        return Optional.of(totals());
      }
      return events.stream().filter(event -> event.number == last + 1).findFirst();
    } finally {
      lock.unlock();
    }
  }
}
