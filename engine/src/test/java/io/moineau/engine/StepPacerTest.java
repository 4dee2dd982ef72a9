package io.moineau.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How long steps may take, on a machine whose times are made up. */
class StepPacerTest {
  private static final int MOST = 512;
  private static final int USERS = 16;
  private static final double STRETCH = 2.5;

  private final StepPacer pacer = new StepPacer(MOST, STRETCH);

  /** Milliseconds as a mixture of experts takes them: a token costs less the more there are. */
  static double millis(int tokens) {
    return 5 + 26 * Math.pow(tokens / 16.0, 0.6);
  }

  private void record(int tokens, double millis, int times) {
    for (int i = 0; i < times; i++) {
      pacer.record(tokens, (long) (millis * 1e6));
    }
  }

  /** Steps in turns of generating and of as large a chunk as is allowed. */
  private void run(int steps) {
    for (int i = 0; i < steps; i++) {
      record(USERS, millis(USERS), 3);
      int budget = pacer.budget(USERS - 1, 1, MOST);
      record(budget, millis(budget), 1);
    }
  }

  @Test
  void budget_nothingMeasured_isASmallChunk() {
    assertThat(pacer.budget(1, 0, MOST)).isEqualTo(9);
    assertThat(pacer.budget(500, 0, MOST)).isEqualTo(508);
    assertThat(pacer.budget(510, 0, MOST)).isEqualTo(MOST);
  }

  @Test
  void budget_nobodyGeneratesOrNoBound_isAll() {
    run(5);
    assertThat(pacer.budget(0, 4, MOST)).isEqualTo(MOST);
    StepPacer unbound = new StepPacer(MOST, 0);
    assertThat(unbound.budget(3, 0, MOST)).isEqualTo(MOST);
  }

  @Test
  void budget_steadyTimes_usesWhatIsAllowedAndNoMore() {
    run(60);
    int budget = pacer.budget(USERS - 1, 1, MOST);
    double allowed = STRETCH * millis(USERS);
    assertThat(millis(budget)).isLessThanOrEqualTo(allowed);
    // Classes are a fifth of an octave's tokens apart.
    assertThat(millis((int) (budget * 1.45))).isGreaterThan(allowed);
  }

  @Test
  void budget_slowStepsOfThoseWhoGenerate_makeNoRoomForLargerChunks() {
    run(60);
    int before = pacer.budget(USERS - 1, 1, MOST);
    record(USERS, 10 * millis(USERS), 5);
    assertThat(pacer.budget(USERS - 1, 1, MOST)).isEqualTo(before);
  }

  @Test
  void budget_oneChunkHeldUp_changesNothing() {
    run(60);
    int before = pacer.budget(USERS - 1, 1, MOST);
    record(before, 10 * millis(before), 2);
    assertThat(pacer.budget(USERS - 1, 1, MOST)).isEqualTo(before);
  }

  @Test
  void budget_chunksBecomeSlower_shrinksAtOnceAndGrowsAgain() {
    run(60);
    int before = pacer.budget(USERS - 1, 1, MOST);
    for (int tokens = 24; tokens <= before; tokens++) {
      record(tokens, 2 * millis(tokens), 3);
    }
    int after = pacer.budget(USERS - 1, 1, MOST);
    assertThat(after).isLessThan(before);
    run(200);
    assertThat(pacer.budget(USERS - 1, 1, MOST)).isEqualTo(before);
  }

  @Test
  void budget_everySizeMeasuredInABadMoment_recovers() {
    run(60);
    int before = pacer.budget(USERS - 1, 1, MOST);
    for (int tokens = 17; tokens <= MOST; tokens++) {
      record(tokens, 5 * millis(tokens), 1);
    }
    run(2000);
    assertThat(pacer.budget(USERS - 1, 1, MOST)).isEqualTo(before);
  }

  @Test
  void budget_noisyTimes_keepsEveryStepUnderThreeTimesTheMedian() {
    Random random = new Random(1);
    double[] steps = new double[20_000];
    for (int i = 0; i < steps.length; i++) {
      int tokens = i % 4 == 0 ? pacer.budget(USERS - 1, 1, MOST) : USERS;
      steps[i] = millis(tokens) * Math.exp(0.05 * random.nextGaussian());
      record(tokens, steps[i], 1);
    }
    double[] sorted = Arrays.copyOfRange(steps, 1000, steps.length);
    Arrays.sort(sorted);
    assertThat(sorted[sorted.length - 1] / sorted[sorted.length / 2]).isBetween(2.0, 3.0);
  }

  @Test
  void usual_sizesNotSeen_lieBetweenTheirNeighboursOrOnTheirLine() {
    assertThat(pacer.usual(4)).isZero();
    record(64, 100, 4);
    assertThat(pacer.usual(4)).isEqualTo(100e6);
    record(16, 40, 4);
    assertThat(pacer.usual(4)).isEqualTo(40e6);
    assertThat(pacer.usual(30)).isBetween(40e6, 100e6);
    // 60 ms for 48 more, so no more than 1.25 each for the next 26.
    assertThat(pacer.usual(90)).isBetween(100e6, 132e6);
  }
}
