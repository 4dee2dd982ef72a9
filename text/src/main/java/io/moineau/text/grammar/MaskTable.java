package io.moineau.text.grammar;

import io.moineau.text.grammar.Automaton.Kind;
import io.moineau.text.grammar.Automaton.TokenRef;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Masks of a grammar over a vocabulary: what of the work is the same for all texts is done once.
 *
 * <p>A place in a grammar decides on most tokens alone, whatever lies below it on the stack: inside
 * a JSON string all that hold no quotation mark may come. Only what goes on after the end of the
 * place's rule depends on the stack. So each place has a {@link LocalMask}, found once by a walk
 * over the whole trie of tokens, and the mask of a state is put together from those of its places
 * and short walks below the nodes at which rules end (XGrammar, arXiv 2411.15100, section 3.1).
 * Masks of states are kept as well; a text in the middle of a string costs a copy.
 *
 * <p>Counted repetitions are part of the place, as otherwise each character would end an item and
 * nothing would be known. A counter beyond {@link GrammarVocabulary#LONG_TOKEN} is as good as one
 * of just that for all tokens that are not longer; the few longer ones are then walked through with
 * the true counter.
 */
final class MaskTable {
  /** Beyond so many bytes, states and masks are forgotten and made anew as needed. */
  private static final long MOST_BYTES = 12L << 20;

  private static final long MOST_LOCAL_BYTES = 12L << 20;

  private final Automaton automaton;
  private final GrammarVocabulary vocabulary;
  private final int[] named; // ids of the automaton's tokens
  private final ConcurrentMap<Place, Cell> local = new ConcurrentHashMap<>();
  private final AtomicLong localBytes = new AtomicLong();
  private volatile StateTable states;

  /** A node and the counters above it that the same rule has. */
  private record Place(int node, List<Integer> counters) {}

  /** Made by whoever comes first; others wait. */
  private static final class Cell {
    private @Nullable LocalMask mask;
  }

  MaskTable(Automaton automaton, GrammarVocabulary vocabulary) {
    this.automaton = automaton;
    this.vocabulary = vocabulary;
    this.states = new StateTable(automaton);
    this.named = new int[automaton.tokens.size()];
    for (int i = 0; i < named.length; i++) {
      named[i] = vocabulary.find(automaton.tokens.get(i).name());
    }
  }

  GrammarVocabulary vocabulary() {
    return vocabulary;
  }

  /** About how many bytes states and masks hold. */
  long bytes() {
    return states.bytes() + localBytes.get();
  }

  State start() {
    return states.start;
  }

  /** The state after a token; dead if it may not come. */
  State next(State state, int token) {
    StateTable table = states;
    if (table.bytes() > MOST_BYTES) {
      table = new StateTable(automaton);
      states = table;
    }
    // A state of a forgotten table is taken into the present one.
    State now = table.adopt(state);
    boolean text = vocabulary.isText(token);
    State after = table.dead;
    if (text || (now.free && !vocabulary.isEnd(token))) {
      after = table.next(now, vocabulary.bytes(token));
    }
    return named.length == 0 ? after : table.afterNamed(now, i -> isMeant(i, token), after);
  }

  private boolean isMeant(int ref, int token) {
    TokenRef meant = automaton.tokens.get(ref);
    return meant.negated() ? token != named[ref] && vocabulary.isText(token) : token == named[ref];
  }

  /** The mask of a state; not to be written to. */
  long[] mask(State state) {
    long[] known = state.mask;
    if (known != null) {
      return known;
    }
    synchronized (state) {
      known = state.mask;
      if (known == null) {
        known = compute(state);
        state.mask = known;
        states.addBytes(8L * known.length);
      }
      return known;
    }
  }

  private long[] compute(State state) {
    StateTable table = states;
    State now = table.adopt(state);
    long[] mask = new long[Math.ceilDiv(vocabulary.size(), Long.SIZE)];
    if (now.ends) {
      for (int token : vocabulary.ends()) {
        set(mask, token);
      }
    }
    if (now.free) {
      for (int token : vocabulary.special()) {
        if (!table.next(now, vocabulary.bytes(token)).isDead()) {
          set(mask, token);
        }
      }
    }
    for (int i = 0; i < now.nodes.length; i++) {
      if (automaton.kinds[now.nodes[i]] == Kind.TOKEN) {
        addNamed(automaton.a[now.nodes[i]], mask);
      } else {
        addPlace(table, now.nodes[i], now.frames[i], mask);
      }
    }
    return mask;
  }

  private static void set(long[] mask, int token) {
    mask[token >> 6] |= 1L << token;
  }

  private void addNamed(int ref, long[] mask) {
    if (!automaton.tokens.get(ref).negated()) {
      set(mask, named[ref]);
      return;
    }
    for (int token = 0; token < vocabulary.size(); token++) {
      if (isMeant(ref, token)) {
        set(mask, token);
      }
    }
  }

  private void addPlace(StateTable table, int node, Frame frame, long[] mask) {
    Frame below = frame;
    List<Integer> counters = new ArrayList<>();
    boolean cut = false;
    for (; below.repeats; below = below.below()) {
      int min = Math.min(below.min, GrammarVocabulary.LONG_TOKEN + 1);
      int max = Math.min(below.max, GrammarVocabulary.LONG_TOKEN + 1);
      cut |= min != below.min || max != below.max;
      counters.addAll(List.of(below.node, min, max));
    }
    LocalMask own = local(table, new Place(node, List.copyOf(counters)), cut);
    own.addTo(mask);
    if (own.escapes().length > 0) {
      State after = table.popped(below);
      if (after.nodes.length > 0) {
        TokenTrie trie = vocabulary.all();
        Walk walk = new Walk(table, trie, mask);
        for (int at : own.escapes()) {
          walk.below(at, after, trie.deepest);
        }
      }
    }
    if (cut && vocabulary.longer().size() > 0) {
      TokenTrie trie = vocabulary.longer();
      new Walk(table, trie, mask).range(0, trie.size(), table.at(node, frame), trie.deepest);
    }
  }

  private LocalMask local(StateTable table, Place place, boolean cut) {
    if (localBytes.get() > MOST_LOCAL_BYTES) {
      local.clear();
      localBytes.set(0);
    }
    Cell cell = local.computeIfAbsent(place, p -> new Cell());
    synchronized (cell) {
      LocalMask known = cell.mask;
      if (known == null) {
        known = computeLocal(table, place, cut);
        cell.mask = known;
        localBytes.addAndGet(known.bytes());
      }
      return known;
    }
  }

  private LocalMask computeLocal(StateTable table, Place place, boolean cut) {
    Frame frame = automaton.kinds[place.node()] == Kind.FREE ? table.bottom : table.unknown;
    List<Integer> counters = place.counters();
    for (int i = counters.size() - 3; i >= 0; i -= 3) {
      frame = table.frame(frame, counters.get(i), true, counters.get(i + 1), counters.get(i + 2));
    }
    long[] mask = new long[Math.ceilDiv(vocabulary.size(), Long.SIZE)];
    TokenTrie trie = vocabulary.all();
    Walk walk = new Walk(table, trie, mask);
    walk.range(
        0,
        trie.size(),
        table.at(place.node(), frame),
        cut ? GrammarVocabulary.LONG_TOKEN : trie.deepest);
    return LocalMask.of(mask, walk.escapes());
  }

  /** Sets the tokens of a trie that a state allows. */
  private static final class Walk {
    private final StateTable table;
    private final TokenTrie trie;
    private final long[] mask;
    private final State[] path;
    private int[] escapes = new int[16];
    private int numEscapes;

    Walk(StateTable table, TokenTrie trie, long[] mask) {
      this.table = table;
      this.trie = trie;
      this.mask = mask;
      this.path = new State[trie.deepest + 1];
    }

    int[] escapes() {
      return Arrays.copyOf(escapes, numEscapes);
    }

    /** The nodes below one, which is in a state. */
    void below(int node, State state, int deepest) {
      int depth = trie.depth[node];
      path[depth] = state;
      walk(node + 1, trie.end[node], deepest);
    }

    /** Nodes from the first to before the last, of depth 1 and more. */
    void range(int from, int to, State state, int deepest) {
      path[0] = state;
      walk(from, to, deepest);
    }

    private void walk(int from, int to, int deepest) {
      byte[] label = trie.label;
      int[] depth = trie.depth;
      int[] end = trie.end;
      int[] tokenAt = trie.tokenAt;
      int[] order = trie.order;
      byte[] classOf = table.automaton().classOf;
      int node = from;
      while (node < to) {
        int level = depth[node];
        if (level > deepest) {
          node = end[node];
          continue;
        }
        int byteClass = classOf[label[node] & 0xFF] & 0xFF;
        State before = path[level - 1];
        State state = before.next[byteClass];
        if (state == null) {
          state = table.nextByClass(before, byteClass);
        }
        if (state.isDead()) {
          node = end[node];
          continue;
        }
        for (int i = tokenAt[node]; i < tokenAt[node + 1]; i++) {
          int token = order[i];
          mask[token >> 6] |= 1L << token;
        }
        if (state.escapes && end[node] > node + 1) {
          escape(node);
        }
        if (state.nodes.length == 0) {
          node = end[node]; // all below depends on the stack, or on nothing any more
          continue;
        }
        path[level] = state;
        node++;
      }
    }

    private void escape(int node) {
      if (numEscapes == escapes.length) {
        escapes = Arrays.copyOf(escapes, 2 * numEscapes);
      }
      escapes[numEscapes++] = node;
    }
  }
}
