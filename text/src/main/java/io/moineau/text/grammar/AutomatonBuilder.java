package io.moineau.text.grammar;

import io.moineau.text.grammar.Automaton.Kind;
import io.moineau.text.grammar.Automaton.TokenRef;
import io.moineau.text.grammar.Expr.Rule;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes an {@link Automaton} of rules, from the back to the front: each part knows what follows.
 */
final class AutomatonBuilder {
  /** More nodes than this are refused: a request must not take the server's memory. */
  static final int MOST_NODES = 400_000;

  /** Up to so many nodes, a counted repetition is written out; beyond, it is counted. */
  private static final int LARGEST_UNROLLED = 48;

  private static final int RETURN_NODE = 0;

  private final GrammarCheck check;
  private final Map<Rule, Integer> entries = new HashMap<>();
  private final List<TokenRef> tokens = new ArrayList<>();
  private Kind[] kinds = new Kind[64];
  private int[] a = new int[64];
  private int[] b = new int[64];
  private int[] min = new int[64];
  private int[] max = new int[64];
  private int[][] links = new int[64][];
  private int size;

  private AutomatonBuilder(GrammarCheck check) {
    this.check = check;
  }

  /**
   * The automaton of a root rule.
   *
   * @param triggers where not empty, text is free until one of these ends, and the root begins
   *     there
   * @throws io.moineau.text.TextException {@code grammar-syntax} or {@code grammar-limit}
   */
  static Automaton build(Rule root, List<String> triggers) {
    AutomatonBuilder builder = new AutomatonBuilder(GrammarCheck.of(root));
    builder.node(Kind.RETURN, 0, 0);
    for (Rule rule : builder.check.rules()) {
      builder.entries.put(rule, builder.node(Kind.SPLIT, 0, 0));
    }
    for (Rule rule : builder.check.rules()) {
      int body = builder.compile(rule.body(), RETURN_NODE);
      builder.links[builder.entry(rule)] = new int[] {body};
    }
    int start = builder.entry(root);
    if (!triggers.isEmpty()) {
      start = builder.free(triggers, start);
    }
    return builder.finish(start);
  }

  private Automaton finish(int start) {
    return new Automaton(
        Arrays.copyOf(kinds, size),
        Arrays.copyOf(a, size),
        Arrays.copyOf(b, size),
        Arrays.copyOf(min, size),
        Arrays.copyOf(max, size),
        Arrays.copyOf(links, size),
        tokens,
        start);
  }

  private int entry(Rule rule) {
    Integer entry = entries.get(rule);
    if (entry == null) {
      throw new IllegalStateException("rule " + rule.name + " was not visited");
    }
    return entry;
  }

  private int node(Kind kind, int first, int second) {
    if (size == MOST_NODES) {
      throw GrammarErrors.limit(
          "a grammar is too large", "more than " + MOST_NODES + " nodes", "fewer nodes");
    }
    if (size == kinds.length) {
      kinds = Arrays.copyOf(kinds, 2 * size);
      a = Arrays.copyOf(a, 2 * size);
      b = Arrays.copyOf(b, 2 * size);
      min = Arrays.copyOf(min, 2 * size);
      max = Arrays.copyOf(max, 2 * size);
      links = Arrays.copyOf(links, 2 * size);
    }
    kinds[size] = kind;
    a[size] = first;
    b[size] = second;
    links[size] = new int[0];
    return size++;
  }

  private int split(int... targets) {
    int node = node(Kind.SPLIT, 0, 0);
    links[node] = targets;
    return node;
  }

  private int compile(Expr expr, int next) {
    return switch (expr) {
      case Expr.Chars c -> chars(c.set(), next);
      case Expr.Token t -> {
        tokens.add(new TokenRef(t.name(), t.negated()));
        yield node(Kind.TOKEN, tokens.size() - 1, next);
      }
      case Expr.Sequence s -> {
        int now = next;
        for (int i = s.parts().size() - 1; i >= 0; i--) {
          now = compile(s.parts().get(i), now);
        }
        yield now;
      }
      case Expr.Choice c -> {
        int[] targets = new int[c.options().size()];
        for (int i = 0; i < targets.length; i++) {
          targets[i] = compile(c.options().get(i), next);
        }
        yield split(targets);
      }
      case Expr.Repeat r -> repeat(r, next);
      case Expr.Call c ->
          next == RETURN_NODE ? entry(c.rule()) : node(Kind.CALL, entry(c.rule()), next);
    };
  }

  private int chars(CodePoints set, int next) {
    List<Integer> edges = new ArrayList<>();
    Map<List<Integer>, Integer> suffixes = new HashMap<>();
    Utf8Ranges.forEach(
        set,
        sequence -> {
          edges.add(sequence[0]);
          edges.add(sequence[1]);
          edges.add(suffix(sequence, 2, next, suffixes));
        });
    int node = node(Kind.BYTES, 0, 0);
    links[node] = edges.stream().mapToInt(Integer::intValue).toArray();
    return node;
  }

  /** The node that reads the rest of a sequence; equal rests share it. */
  private int suffix(int[] sequence, int from, int next, Map<List<Integer>, Integer> known) {
    if (from == sequence.length) {
      return next;
    }
    List<Integer> key = new ArrayList<>();
    for (int i = from; i < sequence.length; i++) {
      key.add(sequence[i]);
    }
    Integer found = known.get(key);
    if (found != null) {
      return found;
    }
    int target = suffix(sequence, from + 2, next, known);
    int node = node(Kind.BYTES, 0, 0);
    links[node] = new int[] {sequence[from], sequence[from + 1], target};
    known.put(key, node);
    return node;
  }

  private int repeat(Expr.Repeat r, int next) {
    if (r.max() == 0) {
      return next;
    }
    if (r.min() <= 1 && r.max() == Expr.UNBOUNDED) {
      int loop = split();
      int body = compile(r.item(), loop);
      links[loop] = new int[] {body, next};
      return r.min() == 0 ? loop : body;
    }
    // A counter must count something: an item that may be empty is written out.
    boolean mayBeEmpty = check.isNullable(r.item());
    int times = r.max() == Expr.UNBOUNDED ? r.min() : r.max();
    if (mayBeEmpty || (long) times * cost(r.item()) <= LARGEST_UNROLLED) {
      return unrolled(r, mayBeEmpty ? 0 : r.min(), next);
    }
    int item = compile(r.item(), RETURN_NODE);
    int node = node(Kind.REPEAT, item, next);
    min[node] = r.min();
    max[node] = r.max();
    return node;
  }

  private int unrolled(Expr.Repeat r, int least, int next) {
    int now = next;
    if (r.max() == Expr.UNBOUNDED) {
      int loop = split();
      int body = compile(r.item(), loop);
      links[loop] = new int[] {body, next};
      now = loop;
    } else {
      for (int i = least; i < r.max(); i++) {
        now = split(compile(r.item(), now), next);
      }
    }
    for (int i = 0; i < least; i++) {
      now = compile(r.item(), now);
    }
    return now;
  }

  /** About how many nodes an expression takes. */
  private static int cost(Expr expr) {
    return switch (expr) {
      case Expr.Chars c -> 1 + Math.min(c.set().numRanges(), 8);
      case Expr.Token t -> 1;
      case Expr.Call c -> 4;
      case Expr.Sequence s -> sum(s.parts());
      case Expr.Choice c -> 1 + sum(c.options());
      case Expr.Repeat r ->
          (int) Math.min(1000, (long) cost(r.item()) * Math.max(1, Math.max(r.min(), r.max())));
    };
  }

  private static int sum(List<Expr> all) {
    int sum = 0;
    for (Expr one : all) {
      sum = Math.min(1000, sum + cost(one));
    }
    return sum;
  }

  /**
   * Free text in which each trigger is looked for (Aho and Corasick, 1975): a node for each
   * beginning of a trigger; where one ends, the grammar begins.
   */
  private int free(List<String> triggers, int start) {
    List<byte[]> patterns = new ArrayList<>();
    for (String trigger : triggers) {
      if (trigger.isEmpty()) {
        throw GrammarErrors.syntax(
            "a trigger is empty", "triggers=" + triggers, "texts", "use an ordinary constraint");
      }
      patterns.add(trigger.getBytes(StandardCharsets.UTF_8));
    }
    KeywordAutomaton keywords = KeywordAutomaton.of(patterns);
    int[] nodes = new int[keywords.size()];
    for (int i = 0; i < nodes.length; i++) {
      nodes[i] = keywords.isEnd(i) ? start : node(Kind.FREE, 0, 0);
    }
    for (int i = 0; i < nodes.length; i++) {
      if (keywords.isEnd(i)) {
        continue;
      }
      List<Integer> edges = new ArrayList<>();
      for (int value = 0, from = 0; value < 256; value++) {
        if (value == 255 || keywords.next(i, value + 1) != keywords.next(i, value)) {
          edges.addAll(List.of(from, value, nodes[keywords.next(i, value)]));
          from = value + 1;
        }
      }
      links[nodes[i]] = edges.stream().mapToInt(Integer::intValue).toArray();
    }
    return nodes[0];
  }
}
