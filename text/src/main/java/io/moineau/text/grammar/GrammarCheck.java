package io.moineau.text.grammar;

import io.moineau.text.grammar.Expr.Rule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Consumer;

/**
 * What must hold of rules before an automaton is made of them: no rule begins with itself, as
 * following it would never come to a character; and each can end, as a text would otherwise be
 * promised an end that it cannot reach.
 */
final class GrammarCheck {
  private final Set<Rule> rules = new LinkedHashSet<>();
  private final Map<Rule, Set<Rule>> callers = new HashMap<>();
  private final Set<Rule> nullable;

  private GrammarCheck(Rule root) {
    Deque<Rule> todo = new ArrayDeque<>(List.of(root));
    rules.add(root);
    while (!todo.isEmpty()) {
      Rule rule = todo.remove();
      forEachCall(
          rule.body(),
          called -> {
            callers.computeIfAbsent(called, r -> new HashSet<>()).add(rule);
            if (rules.add(called)) {
              todo.add(called);
            }
          });
    }
    nullable = fixpoint(GrammarCheck::isNullable);
  }

  /**
   * Checks all rules that a root refers to.
   *
   * @throws io.moineau.text.TextException {@code grammar-syntax}
   */
  static GrammarCheck of(Rule root) {
    GrammarCheck check = new GrammarCheck(root);
    check.checkEnds();
    check.checkLeftRecursion();
    return check;
  }

  Collection<Rule> rules() {
    return rules;
  }

  boolean isNullable(Expr expr) {
    return isNullable(expr, nullable);
  }

  private static boolean isNullable(Expr expr, Set<Rule> known) {
    return switch (expr) {
      case Expr.Chars c -> false;
      case Expr.Token t -> false;
      case Expr.Sequence s -> s.parts().stream().allMatch(p -> isNullable(p, known));
      case Expr.Choice c -> c.options().stream().anyMatch(o -> isNullable(o, known));
      case Expr.Repeat r -> r.min() == 0 || isNullable(r.item(), known);
      case Expr.Call c -> known.contains(c.rule());
    };
  }

  private static boolean canEnd(Expr expr, Set<Rule> known) {
    return switch (expr) {
      case Expr.Chars c -> !c.set().isEmpty();
      case Expr.Token t -> true;
      case Expr.Sequence s -> s.parts().stream().allMatch(p -> canEnd(p, known));
      case Expr.Choice c -> c.options().stream().anyMatch(o -> canEnd(o, known));
      case Expr.Repeat r -> r.min() == 0 || canEnd(r.item(), known);
      case Expr.Call c -> known.contains(c.rule());
    };
  }

  /** The rules of which something holds that holds of a rule because of those that it calls. */
  private Set<Rule> fixpoint(BiPredicate<Expr, Set<Rule>> holds) {
    Set<Rule> found = new HashSet<>();
    Deque<Rule> todo = new ArrayDeque<>(rules);
    while (!todo.isEmpty()) {
      Rule rule = todo.removeLast(); // what is called was found later
      if (!found.contains(rule) && holds.test(rule.body(), found)) {
        found.add(rule);
        todo.addAll(callers.getOrDefault(rule, Set.of()));
      }
    }
    return found;
  }

  private void checkEnds() {
    Set<Rule> ending = fixpoint(GrammarCheck::canEnd);
    for (Rule rule : rules) {
      if (!ending.contains(rule)) {
        throw GrammarErrors.syntax(
            "a rule matches no text that ends",
            place(rule),
            "each rule has a way out of its recursion, and no empty class",
            "give it an alternative that does not call it");
      }
    }
  }

  private static String place(Rule rule) {
    return "rule " + rule.name + (rule.where.isEmpty() ? "" : ", " + rule.where);
  }

  private void checkLeftRecursion() {
    Set<Rule> done = new HashSet<>();
    for (Rule start : rules) {
      if (done.contains(start)) {
        continue;
      }
      List<Rule> path = new ArrayList<>();
      Set<Rule> onPath = new HashSet<>();
      Deque<Deque<Rule>> open = new ArrayDeque<>();
      enter(start, path, onPath, open);
      while (!open.isEmpty()) {
        Deque<Rule> next = open.getLast();
        if (next.isEmpty()) {
          open.removeLast();
          Rule left = path.removeLast();
          onPath.remove(left);
          done.add(left);
          continue;
        }
        Rule rule = next.remove();
        if (onPath.contains(rule)) {
          throw leftRecursion(path.subList(path.indexOf(rule), path.size()));
        }
        if (!done.contains(rule)) {
          enter(rule, path, onPath, open);
        }
      }
    }
  }

  private void enter(Rule rule, List<Rule> path, Set<Rule> onPath, Deque<Deque<Rule>> open) {
    path.add(rule);
    onPath.add(rule);
    Set<Rule> first = new LinkedHashSet<>();
    firstCalls(rule.body(), first);
    open.add(new ArrayDeque<>(first));
  }

  private static RuntimeException leftRecursion(List<Rule> cycle) {
    StringBuilder names = new StringBuilder();
    for (Rule rule : cycle) {
      names.append(rule.name).append(" -> ");
    }
    return GrammarErrors.syntax(
        "a rule begins with itself",
        place(cycle.getFirst()) + ": " + names + cycle.getFirst().name,
        "rules that match a character before they come back to themselves",
        "write a ::= b (\"x\" b)* instead of a ::= a \"x\" b | b");
  }

  private void firstCalls(Expr expr, Set<Rule> out) {
    switch (expr) {
      case Expr.Chars c -> {}
      case Expr.Token t -> {}
      case Expr.Sequence s -> {
        for (Expr part : s.parts()) {
          firstCalls(part, out);
          if (!isNullable(part)) {
            return;
          }
        }
      }
      case Expr.Choice c -> c.options().forEach(o -> firstCalls(o, out));
      case Expr.Repeat r -> firstCalls(r.item(), out);
      case Expr.Call c -> out.add(c.rule());
    }
  }

  private static void forEachCall(Expr expr, Consumer<Rule> out) {
    switch (expr) {
      case Expr.Chars c -> {}
      case Expr.Token t -> {}
      case Expr.Sequence s -> s.parts().forEach(p -> forEachCall(p, out));
      case Expr.Choice c -> c.options().forEach(o -> forEachCall(o, out));
      case Expr.Repeat r -> forEachCall(r.item(), out);
      case Expr.Call c -> out.accept(c.rule());
    }
  }
}
