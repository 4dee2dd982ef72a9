package io.moineau.text.jinja;

import io.moineau.text.jinja.Node.Expr;
import io.moineau.text.jinja.Node.Stmt;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What each name means in one scope of a template.
 *
 * <p>Jinja decides this before it runs anything, and chat templates rely on the results: a name
 * that a loop sets begins each round with the outer value, one that an {@code if} sets is looked up
 * in the context where it is not set, one that is set before it is read is never looked up. The
 * rules are those of Jinja2 3.1.6, {@code idtracking.py}.
 */
final class Symbols {
  /** Where a variable's value comes from when its scope is entered. */
  enum Origin {
    PARAMETER,
    RESOLVE,
    ALIAS,
    UNDEFINED
  }

  /** A variable: a slot of a function's frame. */
  record Variable(Function function, int slot) {}

  /** How a variable is first set: from the context by {@code name}, or from {@code outer}. */
  record Load(Origin origin, String name, @Nullable Variable outer) {}

  /** What becomes a frame when it runs: the template, a block, a macro, a recursive loop. */
  static final class Function {
    final @Nullable Function parent;
    final int depth;
    int slots;

    Function(@Nullable Function parent) {
      this.parent = parent;
      this.depth = parent == null ? 0 : parent.depth + 1;
    }
  }

  final @Nullable Symbols parent;
  final Function function;
  Map<String, Variable> refs = new HashMap<>();
  Map<Variable, Load> loads = new LinkedHashMap<>();
  private Map<String, Variable> slots = new HashMap<>();
  Set<String> stores = new LinkedHashSet<>();

  Symbols(@Nullable Symbols parent, Function function) {
    this.parent = parent;
    this.function = function;
  }

  @Nullable Variable find(String name) {
    Variable own = refs.get(name);
    return own != null || parent == null ? own : parent.find(name);
  }

  @Nullable Load findLoad(Variable variable) {
    Load own = loads.get(variable);
    return own != null || parent == null ? own : parent.findLoad(variable);
  }

  Variable ref(String name) {
    Variable variable = find(name);
    if (variable == null) { // only in places that Jinja itself fails to analyse
      load(name);
      variable = refs.get(name);
    }
    return java.util.Objects.requireNonNull(variable);
  }

  private Variable define(String name, Origin origin, @Nullable Variable outer) {
    // Jinja gives a name of one scope one identifier, whichever branch makes it.
    Variable variable = slots.computeIfAbsent(name, n -> new Variable(function, function.slots++));
    refs.put(name, variable);
    loads.put(variable, new Load(origin, name, outer));
    return variable;
  }

  Variable parameter(String name) {
    stores.add(name);
    return define(name, Origin.PARAMETER, null);
  }

  void load(String name) {
    if (find(name) == null) {
      define(name, Origin.RESOLVE, null);
    }
  }

  void store(String name) {
    stores.add(name);
    if (!refs.containsKey(name)) {
      Variable outer = parent == null ? null : parent.find(name);
      define(name, outer == null ? Origin.UNDEFINED : Origin.ALIAS, outer);
    }
  }

  private Symbols copy() {
    Symbols copy = new Symbols(parent, function);
    copy.slots = slots;
    copy.refs = new HashMap<>(refs);
    copy.loads = new LinkedHashMap<>(loads);
    copy.stores = new LinkedHashSet<>(stores);
    return copy;
  }

  private void mergeBranches(List<Symbols> branches) {
    Set<String> stored = new LinkedHashSet<>();
    branches.forEach(b -> stored.addAll(b.stores));
    stored.removeAll(stores);
    for (Symbols branch : branches) {
      refs.putAll(branch.refs);
      loads.putAll(branch.loads);
      stores.addAll(branch.stores);
    }
    for (String name : stored) {
      Variable target = ref(name);
      Variable outer = parent == null ? null : parent.find(name);
      loads.put(
          target,
          outer != null
              ? new Load(Origin.ALIAS, name, outer)
              : new Load(Origin.RESOLVE, name, null));
    }
  }

  /** Takes in nodes in the order in which they run, without going into scopes of their own. */
  void visitAll(List<? extends Node> nodes) {
    for (Node node : nodes) {
      visit(node);
    }
  }

  void visit(@Nullable Node node) {
    switch (node) {
      case null -> {}
      case Node.Name n -> {
        switch (n.use()) {
          case LOAD -> load(n.name());
          case STORE -> store(n.name());
          case PARAM -> parameter(n.name());
        }
      }
      case Node.NamespaceRef n -> load(n.name());
      case Node.If n -> visitIf(n);
      case Node.Macro n -> store(n.name());
      case Node.Load n -> {
        visit(n.template());
        n.targets().forEach(this::store);
      }
      case Node.Assign n -> {
        visit(n.value());
        visit(n.target());
      }
      case Node.For n -> visit(n.iter());
      case Node.CallBlock n -> visit(n.call());
      case Node.FilterBlock n -> visit(n.filter());
      case Node.With n -> visitAll(n.values());
      case Node.AssignBlock n -> visit(n.target());
      case Node.Autoescape n -> {}
      case Node.Block n -> {}
      default -> visitAll(Node.children(node));
    }
  }

  private void visitIf(Node.If node) {
    visit(node.test());
    List<Symbols> branches = new ArrayList<>();
    for (List<? extends Stmt> body : List.of(node.body(), node.elifs(), node.otherwise())) {
      branches.add(branch(body));
    }
    mergeBranches(branches);
  }

  private Symbols branch(List<? extends Stmt> body) {
    Symbols branch = copy();
    branch.visitAll(body);
    return branch;
  }

  /** The target of a loop: every name in it is a parameter of the round. */
  void visitParameters(Expr target) {
    switch (target) {
      case Node.Name n -> parameter(n.name());
      case Node.TupleExpr t -> t.items().forEach(this::visitParameters);
      default -> visit(target);
    }
  }

  /** Which of {@code names} are read in {@code nodes} before they are set there. */
  static Set<String> undeclared(List<? extends Node> nodes, Set<String> names) {
    Set<String> open = new LinkedHashSet<>(names);
    Set<String> found = new LinkedHashSet<>();
    for (Node node : nodes) {
      undeclared(node, open, found);
    }
    return found;
  }

  private static void undeclared(Node node, Set<String> open, Set<String> found) {
    switch (node) {
      case Node.Name n -> {
        if (n.use() == Node.Use.LOAD && open.contains(n.name())) {
          found.add(n.name());
        } else {
          open.remove(n.name());
        }
      }
      case Node.Block n -> {}
      default -> {
        for (Node child : Node.children(node)) {
          undeclared(child, open, found);
        }
      }
    }
  }
}
