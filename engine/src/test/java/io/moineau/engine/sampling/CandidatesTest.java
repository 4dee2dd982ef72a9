package io.moineau.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.moineau.engine.EngineException;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static float[] logits(Random random, int n) {
    float[] logits = new float[n];
    for (int i = 0; i < n; i++) {
      // Few distinct values, so that many are equal.
      logits[i] = random.nextInt(10) == 0 ? random.nextInt(5) - 2 : (float) random.nextGaussian();
    }
    return logits;
  }

  private static List<Integer> ranked(float[] logits) {
    return IntStream.range(0, logits.length)
        .boxed()
        .sorted(
            Comparator.comparing((Integer i) -> -(logits[i] + 0f))
                .thenComparing(Comparator.naturalOrder()))
        .toList();
  }

  @Test
  void keepTop_anyK_equalsASort() {
    long seed = 20261120;
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      int n = 1 + random.nextInt(3000);
      float[] logits = logits(random, n);
      int k = 1 + random.nextInt(n);
      Candidates candidates = new Candidates(n);
      candidates.reset(logits);
      candidates.keepTop(k);
      List<Integer> expected = ranked(logits).subList(0, k);
      assertThat(IntStream.range(0, candidates.size()).map(candidates::id).boxed().toList())
          .as("seed %d round %d n %d k %d", seed, round, n, k)
          .isEqualTo(expected);
      for (int i = 0; i < k; i++) {
        assertThat(candidates.logit(i)).isEqualTo(logits[expected.get(i)]);
      }
    }
  }

  @Test
  void topP_manyCandidates_equalsTheReference() {
    long seed = 5;
    Random random = new Random(seed);
    for (int round = 0; round < 60; round++) {
      int n = 1100 + random.nextInt(5000);
      float[] logits = new float[n];
      double scale = random.nextDouble() * 6;
      for (int i = 0; i < n; i++) {
        logits[i] = (float) (random.nextGaussian() * scale);
      }
      double p = random.nextDouble();
      int minKeep = random.nextInt(4);
      Candidates candidates = new Candidates(n);
      candidates.reset(logits);
      new TopPSampler(p, minKeep).apply(candidates);

      List<Integer> ranked = ranked(logits);
      double sum = 0;
      double max = logits[ranked.getFirst()];
      for (float logit : logits) {
        sum += Math.exp(logit - max);
      }
      double reached = 0;
      int expected = 0;
      while (expected < n && (reached < p || expected < minKeep)) {
        reached += Math.exp(logits[ranked.get(expected++)] - max) / sum;
      }
      // The sum is kept in floats as in the original: one token either way at the very border.
      assertThat(candidates.size())
          .as("seed %d round %d", seed, round)
          .isBetween(expected - 1, expected + 1);
      assertThat(candidates.id(0)).isEqualTo(ranked.getFirst());
    }
  }

  @Test
  void minP_unsortedAndSorted_keepTheSame() {
    Random random = new Random(11);
    for (int round = 0; round < 50; round++) {
      float[] logits = logits(random, 500);
      double p = 0.01 + random.nextDouble() * 0.9;
      Candidates unsorted = new Candidates(500);
      unsorted.reset(logits);
      new MinPSampler(p, 0).apply(unsorted);
      Candidates sorted = new Candidates(500);
      sorted.reset(logits);
      sorted.sort();
      new MinPSampler(p, 0).apply(sorted);
      unsorted.sort();
      assertThat(IntStream.range(0, unsorted.size()).map(unsorted::id).toArray())
          .containsExactly(IntStream.range(0, sorted.size()).map(sorted::id).toArray());
    }
  }

  @Test
  void selectByChance_manyDraws_followsTheProbabilities() {
    SeededRandom random = new SeededRandom(99);
    int[] drawn = new int[4];
    for (int i = 0; i < 40_000; i++) {
      Candidates candidates = new Candidates(4);
      candidates.reset(
          new float[] {
            (float) Math.log(0.1),
            (float) Math.log(0.2),
            (float) Math.log(0.3),
            (float) Math.log(0.4)
          });
      candidates.softmax();
      candidates.selectByChance(random);
      drawn[candidates.id(candidates.selected())]++;
    }
    assertThat(drawn[0]).isBetween(3700, 4300);
    assertThat(drawn[1]).isBetween(7600, 8400);
    assertThat(drawn[2]).isBetween(11500, 12500);
    assertThat(drawn[3]).isBetween(15500, 16500);
  }

  @Test
  void selectByChance_impossibleTokens_areNeverChosen() {
    SeededRandom random = new SeededRandom(1);
    for (int i = 0; i < 1000; i++) {
      Candidates candidates = new Candidates(3);
      candidates.reset(new float[] {Float.NEGATIVE_INFINITY, 0, Float.NEGATIVE_INFINITY});
      candidates.softmax();
      candidates.selectByChance(random);
      assertThat(candidates.id(candidates.selected())).isEqualTo(1);
    }
  }

  @Test
  void reset_nan_namesTheToken() {
    assertThatThrownBy(() -> new Candidates(3).reset(new float[] {0, Float.NaN, 1}))
        .isInstanceOf(EngineException.class)
        .hasMessageContaining("token 1")
        .extracting(e -> ((EngineException) e).code())
        .isEqualTo("logits-not-a-number");
  }

  @Test
  void seededRandom_seed_givesThePublishedNumbers() {
    // First outputs of splitmix64 for seed 1234567, as published with Vigna's splitmix64.c and on
    // Rosetta Code ("Pseudo-random numbers/Splitmix64").
    SeededRandom random = new SeededRandom(1234567);
    assertThat(Long.toUnsignedString(random.nextLong())).isEqualTo("6457827717110365317");
    assertThat(Long.toUnsignedString(random.nextLong())).isEqualTo("3203168211198807973");
    assertThat(Long.toUnsignedString(random.nextLong())).isEqualTo("9817491932198370423");
  }
}
