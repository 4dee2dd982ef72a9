package io.moineau.plan.solve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.moineau.plan.solve.Solution.Status;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Small programmes against all their choices. */
class IntegerProgramTest {
  private static final Duration LONG = Duration.ofMinutes(1);

  @Test
  void knapsacks_ofSmallNumbers_areAsGoodAsTheBestOfAllChoices() {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int n = 2 + random.nextInt(3);
      int[] gain = new int[n];
      int[] cost = new int[n];
      int[] most = new int[n];
      for (int i = 0; i < n; i++) {
        gain[i] = 1 + random.nextInt(20);
        cost[i] = 1 + random.nextInt(9);
        most[i] = random.nextInt(6);
      }
      int need = random.nextInt(60);
      IntegerProgram program = new IntegerProgram();
      IntegerProgram.Row enough = program.row("enough").atLeast(need);
      IntegerProgram.Row few = program.minimise("count");
      IntegerProgram.Row cheap = program.minimise("cost");
      for (int i = 0; i < n; i++) {
        int x = program.whole("x" + i, 0, most[i]);
        enough.add(gain[i], x);
        few.add(1, x);
        cheap.add(cost[i], x);
      }
      int[] best = best(gain, cost, most, need);
      Solution solution = program.solve(LONG);
      if (best[0] == Integer.MAX_VALUE) {
        assertThat(solution.status()).as("seed %s", seed).isEqualTo(Status.INFEASIBLE);
      } else {
        assertThat(solution.status()).as("seed %s", seed).isEqualTo(Status.OPTIMAL);
        assertThat(few.of(solution.values())).as("seed %s", seed).isEqualTo(best[0]);
        assertThat(cheap.of(solution.values())).as("seed %s", seed).isEqualTo(best[1]);
      }
    }
  }

  /** The fewest, and of those the cheapest, by trying all. */
  private static int[] best(int[] gain, int[] cost, int[] most, int need) {
    int[] best = {Integer.MAX_VALUE, Integer.MAX_VALUE};
    int all = 1;
    for (int m : most) {
      all *= m + 1;
    }
    for (int code = 0; code < all; code++) {
      int rest = code;
      int sum = 0;
      int count = 0;
      int price = 0;
      for (int i = 0; i < most.length; i++) {
        int x = rest % (most[i] + 1);
        rest /= most[i] + 1;
        sum += x * gain[i];
        count += x;
        price += x * cost[i];
      }
      if (sum >= need && (count < best[0] || count == best[0] && price < best[1])) {
        best = new int[] {count, price};
      }
    }
    return best;
  }

  /** Programmes of the kind on which ojAlgo's own integer solver was found to be wrong. */
  @Test
  void programmes_ofRowsWithBothSigns_areAsGoodAsTheBestOfAllChoices() {
    for (int seed = 0; seed < 400; seed++) {
      Random random = new Random(seed);
      int n = 5;
      int[] most = random.ints(n, 0, 6).toArray();
      int rows = 1 + random.nextInt(3);
      double[][] terms = new double[rows][n];
      double[] need = new double[rows];
      IntegerProgram program = new IntegerProgram();
      for (int i = 0; i < n; i++) {
        program.whole("x" + i, 0, most[i]);
      }
      int larger = program.whole("larger", 0, 100);
      program.minimise("larger").add(1, larger);
      program.row("a").add(1, larger).add(-1, 0).add(-1, 1).add(-1, 2).atLeast(0);
      program.row("b").add(1, larger).add(-1, 3).add(-1, 4).atLeast(0);
      for (int r = 0; r < rows; r++) {
        IntegerProgram.Row row = program.row("row" + r);
        for (int i = 0; i < n; i++) {
          terms[r][i] = (random.nextInt(4) == 0 ? -1 : 1) * random.nextInt(400) / 363.0;
          row.add(terms[r][i], i);
        }
        need[r] = random.nextInt(1500) / 363.0;
        row.atLeast(need[r]);
      }
      int best = best(most, terms, need);
      Solution solution = program.solve(LONG);
      if (best < 0) {
        assertThat(solution.status()).as("seed %s", seed).isEqualTo(Status.INFEASIBLE);
      } else {
        assertThat(solution.status()).as("seed %s", seed).isEqualTo(Status.OPTIMAL);
        assertThat(solution.whole(larger)).as("seed %s", seed).isEqualTo(best);
        assertThat(solution.gap()).isZero();
      }
    }
  }

  private static int best(int[] most, double[][] terms, double[] need) {
    int all = 1;
    for (int m : most) {
      all *= m + 1;
    }
    int best = -1;
    for (int code = 0; code < all; code++) {
      int[] x = new int[most.length];
      int rest = code;
      for (int i = 0; i < x.length; i++) {
        x[i] = rest % (most[i] + 1);
        rest /= most[i] + 1;
      }
      boolean isKept = true;
      for (int r = 0; r < need.length && isKept; r++) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
          sum += terms[r][i] * x[i];
        }
        isKept = sum >= need[r] - 1e-9;
      }
      int value = Math.max(x[0] + x[1] + x[2], x[3] + x[4]);
      if (isKept && (best < 0 || value < best)) {
        best = value;
      }
    }
    return best;
  }

  @Test
  void mixtures_ofWholeAndReal_areSolved() {
    IntegerProgram program = new IntegerProgram();
    int machines = program.whole("machines", 0, 100);
    int load = program.real("load", 0, Double.POSITIVE_INFINITY);
    program.row("capacity").add(3, machines).add(-1, load).atLeast(0);
    program.row("demand").add(1, load).atLeast(7.5);
    program.minimise("machines").add(1, machines);
    program.minimise("load").add(1, load);
    Solution solution = program.solve(LONG);
    assertThat(solution.isOptimal()).isTrue();
    assertThat(solution.whole(machines)).isEqualTo(3);
    assertThat(solution.of(load)).isCloseTo(7.5, within(1e-5));
    assertThat(program.text(solution)).contains("machines=3.0");
  }

  @Test
  void programmes_withoutABound_areUnbounded() {
    IntegerProgram program = new IntegerProgram();
    int x = program.real("x", 0, Double.POSITIVE_INFINITY);
    program.row("some").add(1, x).atLeast(1);
    program.minimise("less").add(-1, x);
    assertThat(program.solve(LONG).status()).isEqualTo(Status.UNBOUNDED);
  }

  @Test
  void bounds_beyondAnInt_areNoObstacle() {
    IntegerProgram program = new IntegerProgram();
    int x = program.whole("x", 0, 2);
    int y = program.whole("y", 0, 4e9);
    program.row("enough").add(1.83, x).add(3.63, y).atLeast(5.38);
    program.row("y").add(1, y).add(-1, x).atLeast(0);
    program.minimise("y").add(1, y);
    assertThat(program.solve(LONG).whole(y)).isEqualTo(1);
  }

  @Test
  void programmes_withoutAnObjective_findAnyChoice() {
    IntegerProgram program = new IntegerProgram();
    int x = program.choice("x");
    int y = program.choice("y");
    program.row("one").add(1, x).add(1, y).equalTo(1);
    Solution solution = program.solve(LONG);
    assertThat(solution.whole(x) + solution.whole(y)).isEqualTo(1);
  }
}
