package io.moineau.plan.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.solve.Outcome.State;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Programmes against all their solutions tried, and against what must hold of any solution. */
class ProgrammeTest {
  private static final double NONE = Double.POSITIVE_INFINITY;
  private static final Effort EXACT = Effort.standard().withGap(0);

  /** A few integers under a few rows, with coefficients of either sign. */
  private static Programme small(Random random) {
    Programme programme = new Programme();
    int n = 2 + random.nextInt(4);
    for (int j = 0; j < n; j++) {
      int low = random.nextInt(3) - 1;
      int variable = programme.variable("x" + j, low, low + random.nextInt(5), true);
      programme.cost(variable, random.nextInt(21) - 8 + random.nextInt(4) * 0.25);
    }
    int rows = 1 + random.nextInt(4);
    for (int i = 0; i < rows; i++) {
      double low = random.nextBoolean() ? -NONE : random.nextInt(12) - 6;
      double high = random.nextBoolean() ? NONE : Math.max(low, -4) + random.nextInt(9);
      int row = programme.row("r" + i, low, Math.max(low, high));
      for (int j = 0; j < n; j++) {
        programme.term(row, j, random.nextInt(4) == 0 ? 0 : random.nextInt(15) - 5);
      }
    }
    return programme;
  }

  private static double bruteForce(Programme programme, double[] values, int j) {
    if (j == programme.variables()) {
      return programme.admits(values) ? programme.value(values) : NONE;
    }
    double best = NONE;
    for (double x = programme.low(j); x <= programme.high(j); x++) {
      values[j] = x;
      best = Math.min(best, bruteForce(programme, values, j + 1));
    }
    return best;
  }

  @Test
  void minimise_ofSmallProgrammes_equalsAllSolutionsTried() {
    int infeasible = 0;
    for (int seed = 0; seed < 300; seed++) {
      Programme programme = small(new Random(seed));
      double expected = bruteForce(programme, new double[programme.variables()], 0);
      Outcome solution = programme.minimise(EXACT);
      if (expected == NONE) {
        infeasible++;
        assertThat(solution.state()).as("seed %d", seed).isEqualTo(State.INFEASIBLE);
      } else {
        assertThat(solution.state()).as("seed %d", seed).isEqualTo(State.OPTIMAL);
        assertThat(solution.value()).as("seed %d", seed).isCloseTo(expected, within(1e-6));
        assertThat(programme.admits(solution.values())).as("seed %d", seed).isTrue();
        assertThat(solution.bound()).isLessThanOrEqualTo(expected + 1e-6);
      }
    }
    assertThat(infeasible).isBetween(15, 250);
  }

  /** Replicas of several sizes that serve demands from scarce chips. */
  private static Programme covering(int sites, int kinds, int demands, int seed) {
    Random random = new Random(seed);
    Programme programme = new Programme();
    int[] demand = new int[demands];
    for (int w = 0; w < demands; w++) {
      demand[w] = programme.row("demand", 0, NONE);
    }
    double[] price = random.doubles(kinds, 1, 4).toArray();
    double[] most = new double[demands];
    for (int s = 0; s < sites; s++) {
      for (int t = 0; t < kinds; t++) {
        int chips = 8 * (1 + random.nextInt(30));
        int row = programme.row("chips", -NONE, chips);
        for (int w = 0; w < demands; w++) {
          for (int size = 8; size <= Math.min(chips, 16); size *= 2) {
            int x = programme.variable("x", 0, chips / size, true);
            double rate = size * (0.2 + random.nextDouble()) * (1 + size / 100.0);
            programme.term(row, x, size);
            programme.term(demand[w], x, rate);
            programme.cost(x, size * price[t] * (1 + 0.05 * s));
            most[w] += rate * (chips / size);
          }
        }
      }
    }
    for (int w = 0; w < demands; w++) {
      programme.boundRow(demand[w], 0.3 * most[w] / demands, NONE);
    }
    return programme;
  }

  @Test
  void minimise_ofManyReplicas_isWithinThreePerCentOfItsBound() {
    for (int seed = 0; seed < 3; seed++) {
      Programme programme = covering(4, 4, 6, seed);
      Outcome solution = programme.minimise(Effort.standard().withWork(5e8));
      assertThat(solution.isFeasible()).isTrue();
      assertThat(programme.admits(solution.values())).isTrue();
      assertThat(programme.value(solution.values())).isEqualTo(solution.value());
      assertThat(solution.gap()).as("seed %d", seed).isBetween(0.0, 0.03);
    }
  }

  @Test
  void minimise_isTheSameEachTime() {
    Outcome first = covering(4, 4, 6, 7).minimise(Effort.standard().withWork(1e8));
    Outcome second = covering(4, 4, 6, 7).minimise(Effort.standard().withWork(1e8));
    assertThat(second.values()).isEqualTo(first.values());
    assertThat(second.nodes()).isEqualTo(first.nodes());
  }

  @Test
  void minimise_withoutEffort_saysThatNothingIsKnown() {
    Outcome solution = covering(4, 4, 6, 1).minimise(Effort.standard().withWork(1));
    assertThat(solution.state()).isEqualTo(State.UNKNOWN);
    assertThat(solution.isFeasible()).isFalse();
  }

  @Test
  void minimise_withStep_provesCountsEarly() {
    Programme programme = new Programme();
    int row = programme.row("cover", 7, NONE);
    for (int j = 0; j < 12; j++) {
      int x = programme.variable("x" + j, 0, 1, true);
      programme.cost(x, 1);
      programme.term(row, x, 2);
    }
    Outcome solution = programme.minimise(EXACT.withStep(1));
    assertThat(solution.state()).isEqualTo(State.OPTIMAL);
    assertThat(solution.value()).isEqualTo(4);
    assertThat(solution.bound()).isEqualTo(4);
  }

  @Test
  void prices_ofRows_areWhatOneMoreSaves() {
    Programme programme = new Programme();
    int dear = programme.variable("dear", 0, 100, false);
    int cheap = programme.variable("cheap", 0, 100, false);
    programme.cost(dear, 5);
    programme.cost(cheap, 2);
    int demand = programme.row("demand", 10, NONE);
    programme.term(demand, dear, 1);
    programme.term(demand, cheap, 1);
    int power = programme.row("power", -NONE, 6);
    programme.term(power, cheap, 1);
    Simplex simplex = new Simplex(programme);
    assertThat(simplex.solve(NONE, 1e9)).isEqualTo(Simplex.End.OPTIMAL);
    assertThat(simplex.cost()).isCloseTo(4 * 5 + 6 * 2, within(1e-6));
    assertThat(simplex.price(power)).isCloseTo(-3, within(1e-6));
    assertThat(simplex.price(demand)).isCloseTo(5, within(1e-6));
  }

  /** The same programme for ojAlgo. */
  private static IntegerProgram program(Programme programme) {
    IntegerProgram program = new IntegerProgram();
    IntegerProgram.Row cost = program.minimise("cost");
    for (int j = 0; j < programme.variables(); j++) {
      cost.add(programme.cost(j), program.whole("x", programme.low(j), programme.high(j)));
    }
    for (int i = 0; i < programme.rows(); i++) {
      IntegerProgram.Row row = program.row("r");
      for (int k = 0; k < programme.terms(i); k++) {
        row.add(programme.coefficient(i, k), programme.column(i, k));
      }
      row.atLeast(programme.rowLow(i)).atMost(programme.rowHigh(i));
    }
    return program;
  }

  @Test
  void search_andOjAlgo_agreeOnSmallCoverings() {
    for (int seed = 0; seed < 4; seed++) {
      IntegerProgram program = program(covering(1, 2, 2, seed));
      Solution searched = program.search(EXACT);
      Solution solved = program.solve(Duration.ofSeconds(2));
      assertThat(searched.status()).as("seed %d", seed).isEqualTo(Solution.Status.OPTIMAL);
      if (solved.isOptimal()) { // within the seconds that a slow machine has
        assertThat(searched.value()).isCloseTo(solved.value(), within(1e-5));
      }
      assertThat(searched.bound()).isLessThanOrEqualTo(searched.value() + 1e-6);
    }
  }

  @Test
  void search_takesObjectivesInTheirOrder() {
    IntegerProgram program = new IntegerProgram();
    int a = program.whole("a", 0, 10);
    int b = program.whole("b", 0, 10);
    program.row("both").add(1, a).add(1, b).atLeast(7);
    program.minimise("sum").add(1, a).add(1, b);
    program.minimise("a").add(1, a);
    Solution solution = program.search(EXACT);
    assertThat(solution.isOptimal()).isTrue();
    assertThat(solution.value()).isEqualTo(7);
    assertThat(solution.whole(a)).isZero();
    assertThat(solution.whole(b)).isEqualTo(7);
    program.row("never").add(1, a).add(1, b).atLeast(21);
    assertThat(program.search(EXACT).status()).isEqualTo(Solution.Status.INFEASIBLE);
  }

  @Test
  void wrongBounds_areRefused() {
    Programme programme = new Programme();
    assertThatThrownBy(() -> programme.variable("x", 0, NONE, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("x must be finite");
    assertThatThrownBy(() -> programme.variable("x", 0.2, 0.8, true))
        .hasMessageContaining("in order");
    assertThatThrownBy(() -> programme.row("r", 2, 1)).hasMessageContaining("in order");
    assertThatThrownBy(() -> programme.row("r", Double.NaN, 1)).hasMessageContaining("in order");
    int row = programme.row("r", 0, 1);
    assertThatThrownBy(() -> programme.term(row, 3, 1)).hasMessageContaining("no term");
  }
}
