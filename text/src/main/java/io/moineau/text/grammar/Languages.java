package io.moineau.text.grammar;

import io.moineau.text.grammar.Expr.Rule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Texts that match several regular expressions and none of others: one deterministic automaton, by
 * the subset construction over all of them side by side, as right-linear rules.
 */
final class Languages {
  private static final int MOST_NODES = 50_000;
  private static final int MOST_STATES = 10_000;

  private final List<CodePoints> alphabet; // disjoint; together all that the expressions tell apart
  private final List<Nfa> machines = new ArrayList<>();
  private final int numIncluded;

  private Languages(List<Regex> include, List<Regex> exclude) {
    List<Regex> all = new ArrayList<>(include);
    all.addAll(exclude);
    this.alphabet = alphabet(all);
    this.numIncluded = include.size();
    all.forEach(regex -> machines.add(new Nfa(regex, alphabet)));
  }

  /**
   * The rule of the texts that match all of some expressions and none of others; it matches nothing
   * (an empty choice) if there are none.
   *
   * @param written how a set of characters is spelled
   * @throws io.moineau.text.TextException {@code grammar-limit}
   */
  static Expr of(List<Regex> include, List<Regex> exclude, Function<CodePoints, Expr> written) {
    return new Languages(include, exclude).rules(written);
  }

  /** Whether an expression without anchors matches a whole text. */
  static boolean matches(Regex regex, String text) {
    Rule rule = new Rule("match", Regex.expr(regex, Expr.Chars::new));
    StateTable table = new StateTable(AutomatonBuilder.build(rule, List.of()));
    return table.next(table.start, text.getBytes(java.nio.charset.StandardCharsets.UTF_8)).ends;
  }

  private static List<CodePoints> alphabet(List<Regex> all) {
    java.util.TreeSet<Integer> begins = new java.util.TreeSet<>(List.of(0));
    all.forEach(regex -> collect(regex, begins));
    List<CodePoints> out = new ArrayList<>();
    Integer[] from = begins.toArray(new Integer[0]);
    for (int i = 0; i < from.length; i++) {
      int last = i + 1 < from.length ? from[i + 1] - 1 : Character.MAX_CODE_POINT;
      CodePoints letter = CodePoints.range(from[i], last);
      if (!letter.isEmpty()) {
        out.add(letter);
      }
    }
    return out;
  }

  private static void collect(Regex regex, java.util.Set<Integer> begins) {
    switch (regex) {
      case Regex.Chars c -> {
        for (int i = 0; i < c.set().numRanges(); i++) {
          begins.add(c.set().first(i));
          if (c.set().last(i) < Character.MAX_CODE_POINT) {
            begins.add(c.set().last(i) + 1);
          }
        }
      }
      case Regex.Sequence s -> s.parts().forEach(p -> collect(p, begins));
      case Regex.Choice c -> c.options().forEach(o -> collect(o, begins));
      case Regex.Repeat r -> collect(r.item(), begins);
      case Regex.Anchor a -> throw new IllegalArgumentException("anchors are resolved first: " + a);
    }
  }

  /** Thompson's automaton of one expression. */
  private static final class Nfa {
    private final List<CodePoints> alphabet;
    private final List<BitSet> letters = new ArrayList<>(); // empty for a node that only splits
    private final List<int[]> targets = new ArrayList<>();
    private final int end;
    private final int start;

    Nfa(Regex regex, List<CodePoints> alphabet) {
      this.alphabet = alphabet;
      this.end = node(new BitSet());
      this.start = compile(regex, end);
    }

    private int node(BitSet set, int... to) {
      if (letters.size() == MOST_NODES) {
        throw GrammarErrors.limit(
            "regular expressions are too large to be joined",
            "more than " + MOST_NODES + " nodes",
            "shorter expressions, or smaller numbers of repetitions and lengths");
      }
      letters.add(set);
      targets.add(to);
      return letters.size() - 1;
    }

    private int compile(Regex regex, int next) {
      return switch (regex) {
        case Regex.Chars c -> {
          BitSet set = new BitSet();
          for (int i = 0; i < alphabet.size(); i++) {
            if (c.set().contains(alphabet.get(i).first(0))) {
              set.set(i);
            }
          }
          yield node(set, next);
        }
        case Regex.Sequence s -> {
          int now = next;
          for (Regex part : s.parts().reversed()) {
            now = compile(part, now);
          }
          yield now;
        }
        case Regex.Choice c -> {
          int[] to = c.options().stream().mapToInt(o -> compile(o, next)).toArray();
          yield node(new BitSet(), to);
        }
        case Regex.Repeat r -> repeat(r, next);
        case Regex.Anchor a -> throw new IllegalArgumentException("anchors are resolved first");
      };
    }

    private int repeat(Regex.Repeat r, int next) {
      int now = next;
      if (r.max() == Expr.UNBOUNDED) {
        int loop = node(new BitSet());
        targets.set(loop, new int[] {compile(r.item(), loop), next});
        now = loop;
      } else {
        for (int i = r.min(); i < r.max(); i++) {
          now = node(new BitSet(), compile(r.item(), now), next);
        }
      }
      for (int i = 0; i < r.min(); i++) {
        now = compile(r.item(), now);
      }
      return now;
    }

    BitSet first() {
      BitSet out = new BitSet();
      follow(start, out);
      return out;
    }

    private void follow(int from, BitSet out) {
      Deque<Integer> todo = new ArrayDeque<>(List.of(from));
      while (!todo.isEmpty()) {
        int node = todo.removeLast();
        if (!out.get(node)) {
          out.set(node);
          if (letters.get(node).isEmpty()) {
            for (int target : targets.get(node)) {
              todo.add(target);
            }
          }
        }
      }
    }

    BitSet after(BitSet nodes, int letter) {
      BitSet out = new BitSet();
      for (int node = nodes.nextSetBit(0); node >= 0; node = nodes.nextSetBit(node + 1)) {
        if (letters.get(node).get(letter)) {
          follow(targets.get(node)[0], out);
        }
      }
      return out;
    }

    boolean isEnd(BitSet nodes) {
      return nodes.get(end);
    }
  }

  private Expr rules(Function<CodePoints, Expr> written) {
    Map<List<BitSet>, Integer> numbers = new HashMap<>();
    List<List<BitSet>> states = new ArrayList<>();
    List<int[]> next = new ArrayList<>(); // [letter], -1 for nowhere
    List<BitSet> first = machines.stream().map(Nfa::first).toList();
    numbers.put(first, 0);
    states.add(first);
    for (int i = 0; i < states.size(); i++) {
      int[] row = new int[alphabet.size()];
      for (int letter = 0; letter < row.length; letter++) {
        row[letter] = target(states.get(i), letter, numbers, states);
      }
      next.add(row);
    }
    return rules(states, next, written);
  }

  private int target(
      List<BitSet> from,
      int letter,
      Map<List<BitSet>, Integer> numbers,
      List<List<BitSet>> states) {
    List<BitSet> to = new ArrayList<>();
    for (int m = 0; m < machines.size(); m++) {
      BitSet set = machines.get(m).after(from.get(m), letter);
      if (set.isEmpty() && m < numIncluded) {
        return -1;
      }
      to.add(set);
    }
    Integer known = numbers.get(to);
    if (known != null) {
      return known;
    }
    if (states.size() == MOST_STATES) {
      throw GrammarErrors.limit(
          "regular expressions are too large to be joined",
          "more than " + MOST_STATES + " states",
          "shorter expressions, or smaller numbers of repetitions and lengths");
    }
    numbers.put(to, states.size());
    states.add(to);
    return states.size() - 1;
  }

  private boolean isEnd(List<BitSet> state) {
    for (int m = 0; m < machines.size(); m++) {
      if (machines.get(m).isEnd(state.get(m)) != (m < numIncluded)) {
        return false;
      }
    }
    return true;
  }

  private Expr rules(
      List<List<BitSet>> states, List<int[]> next, Function<CodePoints, Expr> written) {
    boolean[] live = live(states, next);
    if (!live[0]) {
      return new Expr.Choice(List.of());
    }
    Rule[] rules = new Rule[states.size()];
    Arrays.setAll(rules, i -> new Rule("state-" + i, Expr.EMPTY));
    for (int i = 0; i < rules.length; i++) {
      Map<Integer, CodePoints.Builder> sets = new LinkedHashMap<>();
      for (int letter = 0; letter < alphabet.size(); letter++) {
        int target = next.get(i)[letter];
        if (target >= 0 && live[target]) {
          sets.computeIfAbsent(target, t -> new CodePoints.Builder()).add(alphabet.get(letter));
        }
      }
      List<Expr> options = new ArrayList<>();
      sets.forEach((target, set) ->
          options.add(Expr.sequence(written.apply(set.build()), Expr.call(rules[target]))));
      if (isEnd(states.get(i))) {
        options.add(Expr.EMPTY);
      }
      rules[i].define(new Expr.Choice(options));
    }
    return Expr.call(rules[0]);
  }

  /** The states from which an end can be reached. */
  private boolean[] live(List<List<BitSet>> states, List<int[]> next) {
    boolean[] live = new boolean[states.size()];
    List<List<Integer>> sources = new ArrayList<>();
    Deque<Integer> todo = new ArrayDeque<>();
    for (int i = 0; i < live.length; i++) {
      sources.add(new ArrayList<>());
      if (isEnd(states.get(i))) {
        live[i] = true;
        todo.add(i);
      }
    }
    for (int i = 0; i < live.length; i++) {
      for (int target : next.get(i)) {
        if (target >= 0) {
          sources.get(target).add(i);
        }
      }
    }
    while (!todo.isEmpty()) {
      for (int source : sources.get(todo.remove())) {
        if (!live[source]) {
          live[source] = true;
          todo.add(source);
        }
      }
    }
    return live;
  }
}
