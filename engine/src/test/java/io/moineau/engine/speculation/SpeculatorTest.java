package io.moineau.engine.speculation;

import static org.assertj.core.api.Assertions.assertThat;

import io.moineau.engine.sampling.TokenList;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What pays, over made-up costs and texts. */
class SpeculatorTest {
  private final Random random = new Random(5);
  private final TokenList tokens = new TokenList(1, 2, 3, 4, 5, 6, 7, 8, 9);
  private final Speculator speculator = Speculator.whilePaying(true);
  private final Drafter drafter = speculator.drafter(tokens, Integer.MAX_VALUE);
  private long drafted;
  private long kept;

  /** Runs {@code steps} of one sequence; gives its tokens per second. */
  private double run(int steps, double base, double perToken, int period, double noise) {
    double nanos = 0;
    int before = tokens.size();
    for (int i = 0; i < steps; i++) {
      speculator.begin(1, true);
      int n = speculator.plan(drafter, 1, 100);
      double took = base + perToken * n;
      nanos += took;
      speculator.computed(1 + n, true, (long) took);
      drafted += n;
      for (int t = 0; t <= n; t++) {
        int next = random.nextDouble() < noise ? random.nextInt(1000) : tokens.fromEnd(period - 1);
        tokens.add(next);
        if (!drafter.accept(next)) {
          break;
        }
        kept++;
      }
    }
    return (tokens.size() - before) / nanos * 1e9;
  }

  @Test
  void plan_textRepeats_draftsMuch() {
    double rate = run(500, 1e6, 5e4, 9, 0.02);
    assertThat(rate).isGreaterThan(3 * 1e9 / 1e6);
    assertThat(drafter.numAccepted()).isEqualTo((int) kept);
    assertThat(drafter.numDrafted()).isEqualTo((int) drafted);
  }

  @Test
  void plan_stepsCostByTheToken_draftsNearlyNothing() {
    run(500, 1e6, 1e6, 9, 0.1);
    assertThat(drafted).isLessThan(60);
  }

  @Test
  void plan_draftsAreWrong_stopsAndBeginsAgainWhenTheyAreRight() {
    run(300, 1e6, 2e5, 9, 0.95);
    long before = drafted;
    run(1000, 1e6, 2e5, 9, 0.95);
    assertThat(drafted - before).as("drafted in 1000 steps of noise").isLessThan(100);
    before = kept;
    run(300, 1e6, 2e5, 9, 0);
    assertThat(kept - before).as("kept when the text repeats").isGreaterThan(300);
  }

  @Test
  void plan_batchIsFullOrMixed_draftsNothing() {
    run(100, 1e6, 1e4, 3, 0);
    speculator.begin(1, false);
    assertThat(speculator.plan(drafter, 1, 100)).isZero();
    speculator.begin(1, true);
    assertThat(speculator.plan(drafter, 1, 0)).isZero();
    speculator.begin(64, true);
    assertThat(speculator.plan(drafter, 64, 100)).isZero();
  }

  @Test
  void expected_neighbours_areGuessedFrom() {
    StepCosts costs = new StepCosts();
    assertThat(costs.expected(1)).isZero();
    costs.measured(2, 1000);
    assertThat(costs.expected(1)).isEqualTo(1000);
    assertThat(costs.expected(2)).isEqualTo(1000);
    assertThat(costs.expected(4)).isBetween(1001.0, 1200.0);
    assertThat(costs.expected(5)).isFinite();
    assertThat(costs.expected(6)).as("far from what is known").isInfinite();
    costs.measured(5, 1600);
    assertThat(costs.expected(4)).isEqualTo(1400);
    assertThat(costs.expected(6)).isEqualTo(1800);
    costs.measured(5, 1_000_000);
    assertThat(costs.expected(5)).as("one that was held up").isLessThan(2300);
    assertThat(costs.expected(StepCosts.MOST_TOKENS + 1)).isInfinite();
  }
}
