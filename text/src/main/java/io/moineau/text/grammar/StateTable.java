package io.moineau.text.grammar;

import io.moineau.text.grammar.Automaton.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The states of an automaton that were met, made when they are first needed: a deterministic
 * automaton over bytes that grows, as lazy matchers of regular expressions keep one, but with
 * stacks. Safe for several threads.
 */
final class StateTable {
  /** More places at once than this mean a grammar that is hopelessly ambiguous. */
  private static final int MOST_PLACES = 4096;

  private static final int BYTES_PER_PLACE = 40;

  private final Automaton automaton;
  private final ConcurrentMap<Key, Frame> frames = new ConcurrentHashMap<>();
  private final ConcurrentMap<State, State> states = new ConcurrentHashMap<>();
  private final AtomicInteger nextFrame = new AtomicInteger();
  private final AtomicLong bytes = new AtomicLong();

  final Frame bottom = frame(null, Frame.BOTTOM, false, 0, 0);
  final Frame unknown = frame(null, Frame.UNKNOWN, false, 0, 0);
  final State dead;
  final State start;

  private record Key(int parent, int node, boolean repeats, int min, int max) {}

  StateTable(Automaton automaton) {
    this.automaton = automaton;
    this.dead = new Closure().state();
    this.start = at(automaton.start, bottom);
  }

  Automaton automaton() {
    return automaton;
  }

  /** About how much memory it takes. */
  long bytes() {
    return bytes.get();
  }

  void addBytes(long more) {
    bytes.addAndGet(more);
  }

  Frame frame(@Nullable Frame parent, int node, boolean repeats, int min, int max) {
    Key key = new Key(parent == null ? -1 : parent.id, node, repeats, min, max);
    Frame known = frames.get(key);
    if (known != null) {
      return known;
    }
    Frame fresh = new Frame(nextFrame.getAndIncrement(), parent, node, repeats, min, max);
    Frame other = frames.putIfAbsent(key, fresh);
    bytes.addAndGet(100);
    return other == null ? fresh : other;
  }

  /** The state of being at one node with one stack. */
  State at(int node, Frame frame) {
    Closure closure = new Closure();
    closure.add(node, frame);
    return closure.state();
  }

  /** The state in which a stack comes back. */
  State popped(Frame frame) {
    State known = frame.popped;
    if (known == null) {
      Closure closure = new Closure();
      closure.comeBack(frame);
      known = closure.state();
      frame.popped = known;
    }
    return known;
  }

  /** Where a byte leads; {@link State#isDead} if nowhere. */
  State next(State state, int value) {
    return nextByClass(state, automaton.classOf(value));
  }

  State nextByClass(State state, int byteClass) {
    State known = state.next[byteClass];
    return known != null ? known : compute(state, byteClass);
  }

  private State compute(State state, int byteClass) {
    int value = automaton.byteOfClass[byteClass];
    Closure closure = new Closure();
    for (int i = 0; i < state.nodes.length; i++) {
      int node = state.nodes[i];
      if (automaton.kinds[node] == Kind.TOKEN) {
        continue;
      }
      int[] links = automaton.links[node];
      for (int link = 0; link < links.length; link += 3) {
        if (links[link] <= value && value <= links[link + 1]) {
          closure.add(links[link + 2], state.frames[i]);
        }
      }
    }
    State target = closure.state();
    state.next[byteClass] = target;
    return target;
  }

  /** Where several bytes lead. */
  State next(State state, byte[] text) {
    State now = state;
    for (byte value : text) {
      now = next(now, value);
    }
    return now;
  }

  /** Where the tokens lead that places of a state name, if {@code named} says that they are met. */
  State afterNamed(State state, java.util.function.IntPredicate named, State otherwise) {
    Closure closure = new Closure();
    boolean any = false;
    for (int i = 0; i < state.nodes.length; i++) {
      int node = state.nodes[i];
      if (automaton.kinds[node] == Kind.TOKEN && named.test(automaton.a[node])) {
        closure.add(automaton.b[node], state.frames[i]);
        any = true;
      }
    }
    if (!any) {
      return otherwise;
    }
    closure.addAll(otherwise);
    return closure.state();
  }

  /** The same state in this table, of a state of any table of the same automaton. */
  State adopt(State foreign) {
    if (foreign.isOf(this)) {
      return foreign;
    }
    Closure closure = new Closure();
    for (int i = 0; i < foreign.nodes.length; i++) {
      closure.place(foreign.nodes[i], adopt(foreign.frames[i]));
    }
    closure.ends = foreign.ends;
    closure.escapes = foreign.escapes;
    return closure.state();
  }

  private Frame adopt(Frame foreign) {
    List<Frame> path = new ArrayList<>();
    Frame at = foreign;
    while (at.parent != null) {
      path.add(at);
      at = at.parent;
    }
    Frame now = at.node == Frame.BOTTOM ? bottom : unknown;
    for (Frame one : path.reversed()) {
      now = frame(now, one.node, one.repeats, one.min, one.max);
    }
    return now;
  }

  /** Collects places, following what needs no byte. */
  private final class Closure {
    private static final int SMALL = 12; // up to here, looking through a list is faster

    private long[] open = new long[8];
    private Frame[] openFrames = new Frame[8];
    private int numOpen;
    private long[] seen = new long[SMALL];
    private int numSeen;
    private @Nullable Set<Long> manySeen;
    private int[] nodes = new int[4];
    private Frame[] frames = new Frame[4];
    private int numPlaces;
    boolean ends;
    boolean escapes;
    private boolean free;

    private void push(int node, Frame frame) {
      if (numOpen == open.length) {
        open = Arrays.copyOf(open, 2 * numOpen);
        openFrames = Arrays.copyOf(openFrames, 2 * numOpen);
      }
      open[numOpen] = node;
      openFrames[numOpen++] = frame;
    }

    private boolean isNew(int node, Frame frame) {
      long key = ((long) node << 32) | frame.id;
      if (manySeen != null) {
        return manySeen.add(key);
      }
      for (int i = 0; i < numSeen; i++) {
        if (seen[i] == key) {
          return false;
        }
      }
      if (numSeen < SMALL) {
        seen[numSeen++] = key;
      } else {
        manySeen = new HashSet<>();
        for (long one : seen) {
          manySeen.add(one);
        }
        manySeen.add(key);
      }
      return true;
    }

    void addAll(State state) {
      for (int i = 0; i < state.nodes.length; i++) {
        add(state.nodes[i], state.frames[i]);
      }
      ends |= state.ends;
      escapes |= state.escapes;
    }

    void add(int from, Frame with) {
      push(from, with);
      follow();
    }

    private void follow() {
      while (numOpen > 0) {
        int node = (int) open[--numOpen];
        Frame frame = openFrames[numOpen];
        if (!isNew(node, frame)) {
          continue;
        }
        switch (automaton.kinds[node]) {
          case BYTES, TOKEN -> place(node, frame);
          case FREE -> {
            place(node, frame);
            ends = true;
          }
          case SPLIT -> {
            for (int target : automaton.links[node]) {
              push(target, frame);
            }
          }
          case CALL -> push(automaton.a[node], frame(frame, automaton.b[node], false, 0, 0));
          case REPEAT -> repeat(node, frame, automaton.min[node], automaton.max[node]);
          case RETURN -> popInto(frame);
        }
      }
    }

    /** As many items as these say may and must follow. */
    private void repeat(int node, Frame below, int min, int max) {
      if (min == 0) {
        push(automaton.b[node], below);
      }
      if (max != 0) {
        int left = max == Expr.UNBOUNDED ? max : max - 1;
        push(automaton.a[node], frame(below, node, true, Math.max(0, min - 1), left));
      }
    }

    void comeBack(Frame frame) {
      popInto(frame);
      follow();
    }

    private void popInto(Frame frame) {
      if (frame.parent == null) {
        if (frame.node == Frame.BOTTOM) {
          ends = true;
        } else {
          escapes = true;
        }
      } else if (frame.repeats) {
        repeat(frame.node, frame.below(), frame.min, frame.max);
      } else {
        push(frame.node, frame.below());
      }
    }

    void place(int node, Frame frame) {
      if (numPlaces == MOST_PLACES) {
        throw GrammarErrors.limit(
            "a grammar is too ambiguous",
            "a text can be read in more than " + MOST_PLACES + " ways at once",
            "alternatives that can be told apart sooner");
      }
      if (numPlaces == nodes.length) {
        nodes = Arrays.copyOf(nodes, 2 * numPlaces);
        frames = Arrays.copyOf(frames, 2 * numPlaces);
      }
      // Sorted, so that equal states have equal arrays.
      int at = numPlaces;
      while (at > 0 && isAfter(nodes[at - 1], frames[at - 1], node, frame)) {
        nodes[at] = nodes[at - 1];
        frames[at] = frames[at - 1];
        at--;
      }
      nodes[at] = node;
      frames[at] = frame;
      numPlaces++;
      free |= automaton.kinds[node] == Kind.FREE;
    }

    private boolean isAfter(int node, Frame frame, int otherNode, Frame other) {
      return node != otherNode ? node > otherNode : frame.id > other.id;
    }

    State state() {
      State fresh =
          new State(
              StateTable.this,
              Arrays.copyOf(nodes, numPlaces),
              Arrays.copyOf(frames, numPlaces),
              ends,
              escapes,
              free,
              automaton.numClasses);
      State known = states.putIfAbsent(fresh, fresh);
      if (known != null) {
        return known;
      }
      bytes.addAndGet(80 + 4L * automaton.numClasses + (long) BYTES_PER_PLACE * numPlaces);
      return fresh;
    }
  }
}
