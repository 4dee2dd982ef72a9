package io.moineau.plan.solve;

import io.moineau.plan.solve.Outcome.State;
import io.moineau.plan.solve.Simplex.End;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;

/**
 * Branch and bound: a tree of tighter bounds on the integers, each node's linear programme solved
 * from the tableau of the last one. It dives to a first solution, then takes the open node with the
 * least bound and dives from there; branches by pseudo-costs (Achterberg, Koch, Martin, "Branching
 * rules revisited", 2005); and fixes integers whose reduced cost at the root alone passes the best
 * solution.
 */
final class BranchAndBound {
  private static final double WHOLE = 1e-6;
  private static final double SAFE = 1e-12;
  private static final int RESTART = 48; // dead ends of a dive before another begins

  /** A node: its parent's bounds and one more. */
  private static final class Node {
    private final Optional<Node> parent;
    private final int variable;
    private final boolean isLow;
    private final double value;
    private final double bound;
    private final double fraction;
    private boolean isTaken;

    Node(Optional<Node> parent, int variable, boolean isLow, double value, double bound, double f) {
      this.parent = parent;
      this.variable = variable;
      this.isLow = isLow;
      this.value = value;
      this.bound = bound;
      this.fraction = f;
    }
  }

  private final Programme programme;
  private final Effort effort;
  private final Simplex simplex;
  private final int n;
  private final double[] low;
  private final double[] high;
  private final double[] rootReduced;
  private final double[][] pseudo; // [down or up, variable]: growth of the cost per unit, summed
  private final int[][] seen;
  private final PriorityQueue<Node> byBound =
      new PriorityQueue<>(Comparator.comparingDouble(node -> node.bound));
  private final Deque<Node> latest = new ArrayDeque<>();
  private double[] linear = new double[0];
  private double rootValue;
  private double[] best = new double[0];
  private double bestValue = Double.POSITIVE_INFINITY;
  private double lost = Double.POSITIVE_INFINITY; // least bound of nodes that could not be solved
  private int nodes;
  private int tries;

  /** With a solution to begin with, or an empty array. */
  BranchAndBound(Programme programme, Effort effort, double[] start) {
    this.programme = programme;
    this.effort = effort;
    simplex = new Simplex(programme);
    n = programme.variables();
    low = new double[n];
    high = new double[n];
    rootReduced = new double[n];
    pseudo = new double[2][n];
    seen = new int[2][n];
    for (int j = 0; j < n; j++) {
      low[j] = programme.low(j);
      high[j] = programme.high(j);
    }
    if (start.length > 0) {
      best = start;
      bestValue = programme.value(start);
    }
  }

  /** Work done. */
  double work() {
    return simplex.work();
  }

  /** The values of the linear programme; after {@link #solve}. */
  double[] linear() {
    return linear;
  }

  /** The reduced cost of a variable in the linear programme; after {@link #solve}. */
  double rootReduced(int variable) {
    return rootReduced[variable];
  }

  Outcome solve() {
    End end = simplex.solve(Double.POSITIVE_INFINITY, effort.work());
    nodes = 1;
    if (end == End.INFEASIBLE) {
      return none(State.INFEASIBLE, Double.POSITIVE_INFINITY);
    }
    if (end != End.OPTIMAL) {
      return best.length == 0
          ? none(State.UNKNOWN, Double.NEGATIVE_INFINITY)
          : new Outcome(State.FEASIBLE, best, bestValue, Double.NEGATIVE_INFINITY, nodes);
    }
    rootValue = simplex.cost();
    linear = new double[n];
    for (int j = 0; j < n; j++) {
      rootReduced[j] = simplex.reducedCost(j);
      linear[j] = simplex.value(j);
    }
    if (best.length > 0) {
      tighten();
    }
    Optional<Node> next = branch(Optional.empty());
    while (true) {
      Node node = next.orElse(null);
      if (node == null || node.isTaken) {
        node = open();
      }
      if (node == null) {
        break;
      }
      if (simplex.work() > effort.work()) {
        lost = Math.min(lost, leastOpen(node));
        break;
      }
      node.isTaken = true;
      next = node.bound < cutoff() ? look(node) : Optional.empty();
    }
    boolean isProven = lost >= cutoff();
    if (best.length == 0 && n > 0) {
      return isProven
          ? none(State.INFEASIBLE, Double.POSITIVE_INFINITY)
          : none(State.UNKNOWN, Math.min(lost, rootValue));
    }
    double bound = Math.min(bestValue, Math.min(lost, cutoff() == lost ? lost : cutoff()));
    boolean isStep = isProven && effort.step() > 0;
    return new Outcome(
        isProven ? State.OPTIMAL : State.FEASIBLE,
        best,
        bestValue,
        isStep ? bestValue : Math.max(bound, rootValue),
        nodes);
  }

  private Outcome none(State state, double bound) {
    return new Outcome(state, new double[0], Double.NaN, bound, nodes);
  }

  /** What a solution must cost less than to be of use. */
  private double cutoff() {
    if (bestValue == Double.POSITIVE_INFINITY) {
      return bestValue;
    }
    double gap =
        Math.max(effort.gap() * Math.abs(bestValue), 1e-9 * Math.max(1, Math.abs(bestValue)));
    return bestValue - Math.max(gap, effort.step() * (1 - 1e-6));
  }

  private double leastOpen(Node node) {
    double least = node.bound;
    for (Node open : byBound) {
      least = open.isTaken ? least : Math.min(least, open.bound);
    }
    return least;
  }

  /** The next open node: the latest until there is a solution, then the one of the least bound. */
  private @org.jspecify.annotations.Nullable Node open() {
    while (best.length == 0 && ++tries % RESTART != 0 && !latest.isEmpty()) {
      Node node = latest.pop();
      if (!node.isTaken) {
        return node;
      }
    }
    while (!byBound.isEmpty()) {
      Node node = byBound.poll();
      if (!node.isTaken) {
        return node;
      }
    }
    return null;
  }

  /** Solves a node; its nearer child, if it has any. */
  private Optional<Node> look(Node node) {
    for (int j = 0; j < n; j++) {
      simplex.bound(j, low[j], high[j]);
    }
    List<Node> path = new ArrayList<>();
    for (Optional<Node> at = Optional.of(node); at.isPresent(); at = at.get().parent) {
      path.add(at.get());
    }
    for (Node at : path) { // bounds only tighten: their order does not matter
      double least = simplex.low(at.variable);
      double most = simplex.high(at.variable);
      double newLow = at.isLow ? Math.max(least, at.value) : least;
      double newHigh = at.isLow ? most : Math.min(most, at.value);
      if (newLow > newHigh) {
        return Optional.empty();
      }
      simplex.bound(at.variable, newLow, newHigh);
    }
    nodes++;
    End end = simplex.solve(cutoff(), effort.work());
    if (end == End.STUCK) {
      lost = Math.min(lost, node.bound);
    }
    if (end != End.OPTIMAL) {
      return Optional.empty();
    }
    int way = node.isLow ? 1 : 0;
    double moved = node.isLow ? 1 - node.fraction : node.fraction;
    pseudo[way][node.variable] += Math.max(0, simplex.cost() - node.bound) / Math.max(moved, WHOLE);
    seen[way][node.variable]++;
    return branch(Optional.of(node));
  }

  /** Branches on the solved node, or takes its solution where it is whole. */
  private Optional<Node> branch(Optional<Node> node) {
    double value = Math.max(simplex.cost(), node.map(one -> one.bound).orElse(rootValue));
    if (value >= cutoff()) {
      return Optional.empty();
    }
    int variable = fractional(WHOLE);
    if (variable < 0 && !take()) {
      // Whole up to rounding, and still no solution: a large coefficient makes much of little.
      variable = fractional(SAFE);
      if (variable < 0) {
        lost = Math.min(lost, value);
      }
    }
    if (variable < 0) {
      return Optional.empty();
    }
    double x = simplex.value(variable);
    double fraction = x - Math.floor(x);
    Node down = new Node(node, variable, false, Math.floor(x), value, fraction);
    Node up = new Node(node, variable, true, Math.ceil(x), value, fraction);
    boolean isUp = fraction >= 0.5;
    for (Node child : isUp ? List.of(down, up) : List.of(up, down)) {
      byBound.add(child);
      if (best.length == 0) {
        latest.push(child);
      }
    }
    return Optional.of(isUp ? up : down);
  }

  /** The integer between whole numbers that promises most; -1 where all are whole. */
  private int fractional(double tolerance) {
    int variable = -1;
    double bestScore = -1;
    for (int j = 0; j < n; j++) {
      double x = simplex.value(j);
      double fraction = x - Math.floor(x);
      boolean isFixed = simplex.low(j) == simplex.high(j);
      if (!programme.isInteger(j) || isFixed || Math.min(fraction, 1 - fraction) <= tolerance) {
        continue;
      }
      double down = Math.max(guess(0, j) * fraction, 1e-9);
      double up = Math.max(guess(1, j) * (1 - fraction), 1e-9);
      if (down * up > bestScore) {
        bestScore = down * up;
        variable = j;
      }
    }
    return variable;
  }

  private double guess(int way, int j) {
    return seen[way][j] == 0
        ? Math.abs(programme.cost(j)) + 1e-3
        : pseudo[way][j] / seen[way][j] + 1e-6;
  }

  /** Takes the solution if the programme admits it. */
  private boolean take() {
    double[] values = new double[n];
    for (int j = 0; j < n; j++) {
      values[j] = programme.isInteger(j) ? Math.rint(simplex.value(j)) : simplex.value(j);
    }
    if (!programme.admits(values)) {
      return false;
    }
    double cost = programme.value(values);
    if (cost >= bestValue) {
      return true;
    }
    best = values;
    bestValue = cost;
    tighten();
    return true;
  }

  /** Fixes what the root's reduced costs alone rule out. */
  private void tighten() {
    double room = cutoff() - rootValue;
    for (int j = 0; j < n; j++) {
      // Perturbed costs differ from the true ones by a billionth: a little more room is safe.
      double steps = Math.floor(room / Math.abs(rootReduced[j]) + WHOLE);
      if (programme.isInteger(j) && room >= 0 && steps < high[j] - low[j]) {
        if (rootReduced[j] > 0) {
          high[j] = Math.min(high[j], programme.low(j) + steps);
        } else if (rootReduced[j] < 0) {
          low[j] = Math.max(low[j], programme.high(j) - steps);
        }
      }
    }
  }
}
