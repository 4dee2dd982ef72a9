package io.moineau.plan.placement;

import io.moineau.plan.solve.IntegerProgram;
import io.moineau.plan.solve.IntegerProgram.Row;
import io.moineau.plan.solve.Solution;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the elastic form of a placement adds: a switch for every constraint, without which it may
 * not be broken, and what each breach weighs. The bound of a breach is the factor of its switch, so
 * it is kept as small as is certain: with a huge one a switch of a millionth, which rounds to none,
 * would let much through.
 */
final class Switches {
  /** A constraint, its switch, and by how much it is broken. */
  private static final class Switch {
    private final Constraint constraint;
    private final int choice;
    private final List<Breach> breaches = new ArrayList<>();

    Switch(Constraint constraint, int choice) {
      this.constraint = constraint;
      this.choice = choice;
    }
  }

  /** A breach, and how large it may be. */
  private record Breach(int unknown, double most) {}

  /** What a unit of an unknown adds to the amount of all breaches. */
  private record Weight(int unknown, double weight) {}

  private final IntegerProgram program;
  private final Map<String, Switch> switches = new LinkedHashMap<>();
  private final Map<String, Row> together = new LinkedHashMap<>();
  private final List<Weight> amounts = new ArrayList<>();

  Switches(IntegerProgram program) {
    this.program = program;
  }

  private Switch get(Constraint constraint) {
    return switches.computeIfAbsent(
        constraint.key(), key -> new Switch(constraint, program.choice("relax " + key)));
  }

  /**
   * A breach of a constraint; what it weighs in the amount is its part of {@code whole}.
   *
   * @param most it can be of use
   * @return the unknown
   */
  int breach(Constraint constraint, double most, double whole, boolean isWhole) {
    Switch one = get(constraint);
    double limit = Math.ceil(Math.max(most, 1e-6));
    String name = "breach of " + constraint.key();
    int breach = isWhole ? program.whole(name, 0, limit) : program.real(name, 0, limit);
    program.row("switch").add(1, breach).add(-limit, one.choice).atMost(0);
    one.breaches.add(new Breach(breach, limit));
    weigh(breach, 1 / Math.max(whole, 1e-6));
    return breach;
  }

  /** Lets an unknown be above zero only with the switch of a constraint that has no amount. */
  void bar(Constraint constraint, int unknown, double most) {
    boolean isNew = !switches.containsKey(constraint.key());
    Switch one = get(constraint);
    program.row("switch").add(1, unknown).add(-most, one.choice).atMost(0);
    if (isNew) {
      weigh(one.choice, 1);
    }
  }

  /** The same for several unknowns in one row. */
  void barTogether(Constraint constraint, int unknown, double most) {
    boolean isNew = !switches.containsKey(constraint.key());
    Switch one = get(constraint);
    if (isNew) {
      weigh(one.choice, 1);
    }
    Row row = together.computeIfAbsent(constraint.key(), key -> program.row("switch").atMost(0));
    row.add(1, unknown).add(-most, one.choice);
  }

  /** Lets an unknown count in the amount. */
  void weigh(int unknown, double weight) {
    amounts.add(new Weight(unknown, weight));
  }

  /** Asks for the fewest switches, then for the least amount, of a set that is not known yet. */
  void minimise(List<Set<String>> known) {
    for (Set<String> set : known) {
      Row row = program.row("another set");
      switches.forEach((key, one) -> {
        if (set.contains(key)) {
          row.add(1, one.choice);
        }
      });
      row.atMost(set.size() - 1);
    }
    Row count = program.minimise("constraints");
    switches.values().forEach(one -> count.add(1, one.choice));
    Row amount = program.minimise("amount");
    amounts.forEach(one -> amount.add(one.weight(), one.unknown()));
  }

  /**
   * Puts values in with which nothing needs to be served: demand and quota wholly broken, what else
   * there is kept.
   */
  void none(double[] values) {
    for (Switch one : switches.values()) {
      Constraint.Kind kind = one.constraint.kind();
      if (kind == Constraint.Kind.DEMAND
          || kind == Constraint.Kind.QUOTA
          || kind == Constraint.Kind.REPLICAS) {
        values[one.choice] = 1;
        one.breaches.forEach(breach -> values[breach.unknown()] = breach.most());
      }
    }
  }

  /** Constraints whose switches are on. */
  List<Constraint> relaxed(Solution solution) {
    return switches.values().stream()
        .filter(one -> solution.whole(one.choice) > 0)
        .map(one -> one.constraint)
        .toList();
  }

  /** By how much a constraint is broken. */
  double breach(Solution solution, Constraint constraint) {
    double sum = 0;
    for (Breach breach : get(constraint).breaches) {
      sum += solution.of(breach.unknown());
    }
    return sum;
  }
}
