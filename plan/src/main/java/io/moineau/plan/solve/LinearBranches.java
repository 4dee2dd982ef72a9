package io.moineau.plan.solve;

import io.moineau.plan.solve.IntegerProgram.Row;
import io.moineau.plan.solve.IntegerProgram.Unknown;
import io.moineau.plan.solve.Solution.Status;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;
import org.ojalgo.optimisation.Expression;
import org.ojalgo.optimisation.ExpressionsBasedModel;
import org.ojalgo.optimisation.Optimisation;
import org.ojalgo.optimisation.Variable;

/**
 * Branch and bound (Land and Doig, 1960) over ojAlgo's linear solver: where the best mixture of
 * fractions has an unknown that ought to be whole, the programme is split in two, below and above
 * it. Depth first until there is a solution, then by the best bound.
 *
 * <p>ojAlgo 57 has an integer solver of its own. On 2000 small random programmes it was wrong on
 * 18, calling feasible ones infeasible or stopping at a worse choice; this search was right on all
 * of them, and no slower (IntegerProgramTest has some). It is for tens of unknowns; for hundreds
 * see {@link BranchAndBound}.
 */
final class LinearBranches {
  private static final double TOLERANCE = IntegerProgram.TOLERANCE;

  /** Sums of whole numbers are off by no more than the rounding of a double. */
  private static final double EXACT = 1e-12;

  /** Bounds of unknowns beyond an {@code int} are left off: ojAlgo 57 overflows on them. */
  private static final double MOST = Integer.MAX_VALUE;

  /** A part of the choices: bounds of the unknowns, and what none of them goes below. */
  private record Node(double[] low, double[] high, double bound, int number) {}

  private final List<Unknown> unknowns;
  private final List<Row> rows;
  private final Row objective;
  private final boolean isWhole;
  private final long end;
  private final Deque<Node> deep = new ArrayDeque<>();
  private final PriorityQueue<Node> broad =
      new PriorityQueue<>(
          Comparator.comparingDouble(Node::bound)
              .thenComparing(Comparator.comparingInt(Node::number).reversed()));
  private double @Nullable [] best;
  private double bestValue = Double.POSITIVE_INFINITY;
  private int number;
  private boolean isUnbounded;
  private double lost = Double.POSITIVE_INFINITY; // least bound of nodes that were not solved

  /**
   * Prepares a search.
   *
   * @param isWhole whether the objective can take whole values only
   */
  LinearBranches(
      List<Unknown> unknowns, List<Row> rows, Row objective, boolean isWhole, long milliseconds) {
    this.unknowns = unknowns;
    this.rows = rows;
    this.objective = objective;
    this.isWhole = isWhole;
    end = System.nanoTime() + milliseconds * 1_000_000;
  }

  static Solution none(Status status) {
    return new Solution(status, Double.NaN, new double[0]);
  }

  Solution solve() {
    double[] low = unknowns.stream().mapToDouble(Unknown::low).toArray();
    double[] high = unknowns.stream().mapToDouble(Unknown::high).toArray();
    deep.push(new Node(low, high, Double.NEGATIVE_INFINITY, number++));
    boolean isOver = false;
    while (!isOver && !isUnbounded) {
      Node node = best == null ? deep.poll() : broad.poll();
      if (node == null) {
        break;
      }
      isOver = number > 1 && System.nanoTime() > end;
      if (isOver) {
        broad.add(node);
      } else if (isWorth(node.bound())) {
        visit(node);
      }
    }
    broad.addAll(deep);
    if (isUnbounded) {
      return none(Status.UNBOUNDED);
    }
    if (best == null) {
      return none(isOver || lost < Double.POSITIVE_INFINITY ? Status.UNKNOWN : Status.INFEASIBLE);
    }
    double bound = Math.min(lost, broad.stream().mapToDouble(Node::bound).min().orElse(bestValue));
    boolean isOptimal = !isWorth(bound);
    return new Solution(
        isOptimal ? Status.OPTIMAL : Status.FEASIBLE,
        bestValue,
        best.clone(),
        isOptimal ? bestValue : Math.min(bound, bestValue));
  }

  /** Whether something better than the best so far may lie above a bound. */
  private boolean isWorth(double bound) {
    double least = 1e-9 * Math.max(1, Math.abs(bestValue));
    double slack = isWhole ? 1 - 1e-6 : Math.max(objective.slack, least);
    return best == null || bound < bestValue - slack;
  }

  private void visit(Node node) {
    int[] at = new int[unknowns.size()];
    Optional<ExpressionsBasedModel> model = model(node, at);
    if (model.isEmpty()) {
      return;
    }
    double[] values = node.low().clone();
    if (model.get().countVariables() > 0) {
      Optimisation.Result result = model.get().minimise();
      Optimisation.State state = result.getState();
      if (state == Optimisation.State.UNBOUNDED) {
        isUnbounded = true;
        return;
      }
      if (!state.isFeasible()) {
        lost = state == Optimisation.State.INFEASIBLE ? lost : Math.min(lost, node.bound());
        return;
      }
      for (int i = 0; i < values.length; i++) {
        if (at[i] >= 0) {
          values[i] = Math.clamp(result.doubleValue(at[i]), node.low()[i], node.high()[i]);
        }
      }
    }
    double bound = Math.max(node.bound(), objective.of(values));
    if (!isWorth(bound)) {
      return;
    }
    int broken = mostBroken(values);
    if (broken < 0) {
      accept(node, values, bound);
      return;
    }
    tryRounded(values);
    split(node, broken, values[broken], bound);
  }

  private int mostBroken(double[] values) {
    int at = -1;
    double most = 1e-6;
    for (int i = 0; i < values.length; i++) {
      double off = Math.abs(values[i] - Math.rint(values[i]));
      if (unknowns.get(i).isWhole() && off > most) {
        most = off;
        at = i;
      }
    }
    return at;
  }

  /** All are whole but for the solver's tolerance: if rounding breaks a row, one is split yet. */
  private void accept(Node node, double[] values, double bound) {
    double[] rounded = rounded(values);
    if (isKept(rounded)) {
      keep(rounded);
      return;
    }
    for (int i = 0; i < values.length; i++) {
      boolean isOpen = unknowns.get(i).isWhole() && node.low()[i] < node.high()[i];
      if (isOpen && values[i] != rounded[i]) {
        split(node, i, values[i], bound);
        return;
      }
    }
    lost = Math.min(lost, bound);
  }

  private double[] rounded(double[] values) {
    double[] rounded = values.clone();
    for (int i = 0; i < rounded.length; i++) {
      rounded[i] = unknowns.get(i).isWhole() ? Math.rint(values[i]) : values[i];
    }
    return rounded;
  }

  /** Rounding each to the nearest, or all up, may do already. */
  private void tryRounded(double[] values) {
    double[] up = values.clone();
    for (int i = 0; i < up.length; i++) {
      if (unknowns.get(i).isWhole()) {
        up[i] = Math.min(Math.ceil(values[i] - 1e-6), unknowns.get(i).high());
      }
    }
    for (double[] one : List.of(rounded(values), up)) {
      if (isKept(one)) {
        keep(one);
      }
    }
  }

  private boolean isKept(double[] values) {
    for (Row row : rows) {
      boolean isRounded = row.unknowns.stream().allMatch(i -> unknowns.get(i).isWhole());
      if (!row.isKeptBy(values, isRounded ? EXACT : TOLERANCE)) {
        return false;
      }
    }
    return true;
  }

  private void keep(double[] values) {
    double value = objective.of(values);
    if (best == null || value < bestValue) {
      best = values;
      bestValue = value;
      broad.addAll(deep);
      deep.clear();
    }
  }

  private void split(Node node, int at, double value, double bound) {
    double[] high = node.high().clone();
    high[at] = Math.floor(value);
    double[] low = node.low().clone();
    low[at] = Math.floor(value) + 1;
    Node below = new Node(node.low(), high, bound, number++);
    Node above = new Node(low, node.high(), bound, number++);
    boolean isLow = value - Math.floor(value) < 0.5;
    for (Node one : isLow ? List.of(above, below) : List.of(below, above)) {
      if (one.low()[at] <= one.high()[at]) {
        if (best == null) {
          deep.push(one);
        } else {
          broad.add(one);
        }
      }
    }
  }

  /**
   * The linear programme of a node. Unknowns whose bounds leave one value are not in it: to build
   * the model takes longer than to solve it.
   *
   * @param at place of each unknown in the model, or -1
   * @return empty if a row of such unknowns alone is broken
   */
  private Optional<ExpressionsBasedModel> model(Node node, int[] at) {
    ExpressionsBasedModel model = new ExpressionsBasedModel();
    for (int i = 0; i < at.length; i++) {
      at[i] = -1;
      if (node.low()[i] < node.high()[i]) {
        Variable variable = model.newVariable("x" + i);
        if (Math.abs(node.low()[i]) < MOST) {
          variable.lower(node.low()[i]);
        }
        if (Math.abs(node.high()[i]) < MOST) {
          variable.upper(node.high()[i]);
        }
        at[i] = model.countVariables() - 1;
      }
    }
    for (int k = 0; k < objective.unknowns.size(); k++) {
      int i = objective.unknowns.get(k);
      if (at[i] >= 0) {
        model.getVariable(at[i]).weight(objective.coefficients.get(k));
      }
    }
    for (int r = 0; r < rows.size(); r++) {
      if (!add(model, node, at, rows.get(r), "row" + r)) {
        return Optional.empty();
      }
    }
    return Optional.of(model);
  }

  /** Adds a row; false if none of its unknowns is open and it is broken. */
  private static boolean add(
      ExpressionsBasedModel model, Node node, int[] at, Row row, String name) {
    double fixed = 0;
    boolean isOpen = false;
    for (int k = 0; k < row.unknowns.size(); k++) {
      int i = row.unknowns.get(k);
      isOpen |= at[i] >= 0;
      fixed += at[i] < 0 ? row.coefficients.get(k) * node.low()[i] : 0;
    }
    if (!isOpen) {
      double slack = TOLERANCE * Math.max(1, Math.abs(fixed));
      return fixed >= row.low - slack && fixed <= row.high + slack;
    }
    if (Double.isInfinite(row.low) && Double.isInfinite(row.high)) {
      return true;
    }
    Expression expression = model.newExpression(name);
    for (int k = 0; k < row.unknowns.size(); k++) {
      int i = row.unknowns.get(k);
      if (at[i] >= 0) {
        expression.set(model.getVariable(at[i]), row.coefficients.get(k));
      }
    }
    if (Double.isFinite(row.low)) {
      expression.lower(row.low - fixed);
    }
    if (Double.isFinite(row.high)) {
      expression.upper(row.high - fixed);
    }
    return true;
  }
}
