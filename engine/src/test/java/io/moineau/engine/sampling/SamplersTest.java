package io.moineau.engine.sampling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Small cases that can be worked out by hand; probabilities and expected values are those of
 * llama.cpp's tests/test-sampling.cpp unless a test says otherwise.
 */
class SamplersTest {
  private static final float[] RISING = {0.1f, 0.2f, 0.3f, 0.4f};

  private static Candidates candidates(float... probs) {
    float[] logits = new float[probs.length];
    for (int i = 0; i < probs.length; i++) {
      logits[i] = (float) Math.log(probs[i]);
    }
    Candidates candidates = new Candidates(probs.length);
    candidates.reset(logits);
    return candidates;
  }

  private static float[] probsById(Candidates candidates, int vocabSize) {
    candidates.softmax();
    float[] probs = new float[vocabSize];
    for (int i = 0; i < candidates.size(); i++) {
      probs[candidates.id(i)] = candidates.prob(i);
    }
    return probs;
  }

  private static void assertProbs(Sampler sampler, float[] given, float... expectedById) {
    Candidates candidates = candidates(given);
    sampler.apply(candidates);
    float[] got = probsById(candidates, given.length);
    assertThat(got).as(Arrays.toString(got)).containsExactly(expectedById, within(1e-5f));
  }

  private static org.assertj.core.data.Offset<Float> within(float offset) {
    return org.assertj.core.data.Offset.offset(offset);
  }

  @Test
  void temperature_oneAndZero_keepsAllOrTheBest() {
    assertProbs(new TemperatureSampler(1, 0, 1), RISING, 0.1f, 0.2f, 0.3f, 0.4f);
    assertProbs(new TemperatureSampler(0, 0, 1), RISING, 0, 0, 0, 1);
  }

  @Test
  void temperature_two_takesSquareRoots() {
    double[] roots = {Math.sqrt(0.1), Math.sqrt(0.2), Math.sqrt(0.3), Math.sqrt(0.4)};
    double sum = Arrays.stream(roots).sum();
    assertProbs(
        new TemperatureSampler(2, 0, 1),
        RISING,
        (float) (roots[0] / sum),
        (float) (roots[1] / sum),
        (float) (roots[2] / sum),
        (float) (roots[3] / sum));
  }

  @Test
  void dynamicTemperature_uniform_usesTheUpperEnd() {
    // Entropy is at its largest, so the temperature is 1 + 0.5; a uniform distribution stays one.
    Candidates candidates = candidates(0.25f, 0.25f, 0.25f, 0.25f);
    float before = candidates.logit(0);
    new TemperatureSampler(1, 0.5, 1).apply(candidates);
    assertThat(candidates.logit(0)).isEqualTo(before / 1.5f, within(1e-5f));
  }

  @Test
  void topK_values_keepsTheMostLikely() {
    assertProbs(new TopKSampler(1), RISING, 0, 0, 0, 1);
    assertProbs(new TopKSampler(3), RISING, 0, 0.22222f, 0.33333f, 0.44444f);
    assertProbs(new TopKSampler(9), RISING, 0.1f, 0.2f, 0.3f, 0.4f);
  }

  @Test
  void topP_values_keepsTheNucleus() {
    assertProbs(new TopPSampler(0, 0), RISING, 0, 0, 0, 1);
    assertProbs(new TopPSampler(0.7, 0), RISING, 0, 0, 0.428571f, 0.571429f);
    assertProbs(new TopPSampler(0.8, 0), RISING, 0, 0.22222f, 0.33333f, 0.44444f);
    assertProbs(new TopPSampler(0, 2), RISING, 0, 0, 0.428571f, 0.571429f);
  }

  @Test
  void minP_values_keepsTheLikelyEnough() {
    assertProbs(new MinPSampler(0.24, 0), RISING, 0.1f, 0.2f, 0.3f, 0.4f);
    assertProbs(new MinPSampler(0.26, 0), RISING, 0, 0.2f / 0.9f, 0.3f / 0.9f, 0.4f / 0.9f);
    assertProbs(new MinPSampler(0.49, 0), RISING, 0, 0.2f / 0.9f, 0.3f / 0.9f, 0.4f / 0.9f);
    assertProbs(new MinPSampler(0.51, 0), RISING, 0, 0, 0.3f / 0.7f, 0.4f / 0.7f);
    assertProbs(new MinPSampler(0.74, 0), RISING, 0, 0, 0.3f / 0.7f, 0.4f / 0.7f);
    assertProbs(new MinPSampler(0.76, 0), RISING, 0, 0, 0, 1);
    assertProbs(new MinPSampler(1, 0), RISING, 0, 0, 0, 1);
    assertProbs(new MinPSampler(1, 2), RISING, 0, 0, 0.3f / 0.7f, 0.4f / 0.7f);
  }

  @Test
  void typical_values_keepsTheExpected() {
    assertProbs(
        new TypicalSampler(0.5, 0, 4), new float[] {0.97f, 0.01f, 0.01f, 0.01f}, 1, 0, 0, 0);
    float third = 1 / 3f;
    assertProbs(
        new TypicalSampler(0.5, 0, 4),
        new float[] {0.4f, 0.2f, 0.2f, 0.2f},
        0,
        third,
        third,
        third);
  }

  @Test
  void xtc_certain_dropsAllButTheLeastOfTheTop() {
    float[] falling = {0.4f, 0.3f, 0.2f, 0.1f};
    assertProbs(new XtcSampler(1, 0.09, 0, new SeededRandom(1)), falling, 0, 0, 0, 1);
    assertProbs(new XtcSampler(1, 0.19, 0, new SeededRandom(1)), falling, 0, 0, 2 / 3f, 1 / 3f);
    assertProbs(new XtcSampler(1, 0.29, 0, new SeededRandom(1)), falling, 0, 0.5f, 2 / 6f, 1 / 6f);
    assertProbs(new XtcSampler(1, 0.39, 0, new SeededRandom(1)), falling, 0.4f, 0.3f, 0.2f, 0.1f);
    // Three must stay, and it would leave two.
    assertProbs(new XtcSampler(1, 0.19, 3, new SeededRandom(1)), falling, 0.4f, 0.3f, 0.2f, 0.1f);
  }

  @Test
  void xtc_halfTheTime_actsAboutHalfTheTime() {
    XtcSampler sampler = new XtcSampler(0.5, 0.1, 0, new SeededRandom(42));
    int acted = 0;
    for (int i = 0; i < 10_000; i++) {
      Candidates candidates = candidates(0.6f, 0.4f);
      sampler.apply(candidates);
      acted += 2 - candidates.size();
    }
    assertThat(acted).isBetween(4800, 5200);
  }

  @Test
  void topNSigma_values_keepsTheNear() {
    assertProbs(new TopNSigmaSampler(1), RISING, 0, 0, 0.428571f, 0.571429f);
    assertProbs(new TopNSigmaSampler(3), RISING, 0.1f, 0.2f, 0.3f, 0.4f);
  }

  private static Sampler penalties(
      int[] history, double repeat, double frequency, double presence) {
    TokenList tokens = new TokenList();
    PenaltiesSampler sampler =
        new PenaltiesSampler(tokens, history.length, repeat, frequency, presence);
    for (int token : history) {
      tokens.add(token);
      sampler.accept(token);
    }
    return sampler;
  }

  @Test
  void penalties_repeat_pushesSeenTokensDown() {
    float[] even = {0.2f, 0.2f, 0.2f, 0.2f, 0.2f};
    assertProbs(penalties(new int[] {0}, 50, 0, 0), even, 0, 0.25f, 0.25f, 0.25f, 0.25f);
    assertProbs(penalties(new int[] {0, 1, 2}, 50, 0, 0), even, 0, 0, 0, 0.5f, 0.5f);
    assertProbs(penalties(new int[] {0, 1, 2, 0, 0}, 50, 0, 0), even, 0, 0, 0, 0.5f, 0.5f);
  }

  @Test
  void penalties_frequencyAndPresence_countOccurrences() {
    float[] even = {0.2f, 0.2f, 0.2f, 0.2f, 0.2f};
    assertProbs(
        penalties(new int[] {0}, 1, 5, 5),
        even,
        0.000011f,
        0.249997f,
        0.249997f,
        0.249997f,
        0.249997f);
    assertProbs(
        penalties(new int[] {0, 1, 2}, 1, 5, 5),
        even,
        0.000023f,
        0.000023f,
        0.000023f,
        0.499966f,
        0.499966f);
    assertProbs(
        penalties(new int[] {0, 1, 2, 0, 0}, 1, 5, 5),
        even,
        0,
        0.000023f,
        0.000023f,
        0.499977f,
        0.499977f);
  }

  @Test
  void penalties_windowMovesOn_forgetsTheOldest() {
    TokenList tokens = new TokenList(0, 1);
    PenaltiesSampler sampler = new PenaltiesSampler(tokens, 2, 1, 0, 1);
    tokens.add(2);
    sampler.accept(2);
    Candidates candidates = candidates(0.25f, 0.25f, 0.25f, 0.25f);
    float before = candidates.logit(3);
    sampler.apply(candidates);
    assertThat(candidates.logit(0)).isEqualTo(before);
    assertThat(candidates.logit(1)).isEqualTo(before - 1);
    assertThat(candidates.logit(2)).isEqualTo(before - 1);
  }

  @Test
  void penalties_positiveLogit_isDivided() {
    Candidates candidates = new Candidates(2);
    candidates.reset(new float[] {4, 4});
    new PenaltiesSampler(new TokenList(0), 64, 2, 0, 0).apply(candidates);
    assertThat(candidates.logit(0)).isEqualTo(2);
    assertThat(candidates.logit(1)).isEqualTo(4);
  }

  private static Sampler dry(
      int[] history, double multiplier, int allowedLength, int lastN, int[]... breakers) {
    return new DrySampler(
        new TokenList(history),
        multiplier,
        1.1,
        allowedLength,
        lastN,
        SequenceBreakers.ofTokens(List.of(breakers)));
  }

  @Test
  void dry_repetitions_pushesTheContinuationDown() {
    float[] four = {0.25f, 0.25f, 0.25f, 0.25f};
    float[] five = {0.2f, 0.2f, 0.2f, 0.2f, 0.2f};
    assertProbs(dry(new int[] {0, 1}, 1, 2, 4), four, four);
    assertProbs(
        dry(new int[] {0, 1, 2, 0, 1}, 1, 2, 5), four, 0.296923f, 0.296923f, 0.109232f, 0.296923f);
    assertProbs(dry(new int[] {0, 1, 3, 4, 0, 1}, 1, 2, 6, new int[] {3}), five, five);
    assertProbs(
        dry(new int[] {0, 1, 2, 0, 1}, 2, 2, 5),
        five,
        0.241818f,
        0.241818f,
        0.032727f,
        0.241818f,
        0.241818f);
    assertProbs(dry(new int[] {0, 1, 2, 3, 4, 0, 1}, 1, 4, 7), five, five);
  }

  @Test
  void dry_breakerWithin_boundsTheRepetition() {
    // "0 1 2" stands at the end and before token 3; a breaker 1 leaves only "2" to be repeated.
    int[] history = {0, 1, 2, 3, 0, 1, 2};
    float[] five = {0.2f, 0.2f, 0.2f, 0.2f, 0.2f};
    assertProbs(dry(history, 1, 2, -1, new int[] {1}), five, five);
    Candidates candidates = candidates(five);
    dry(history, 1, 1, -1, new int[] {1}).apply(candidates);
    assertThat(candidates.logit(3))
        .isEqualTo((float) Math.log(0.2f) - 1, within(1e-5f)); // 1 * 1.1^(1-1)
  }

  @Test
  void mirostat2_surpriseAboveTarget_lowersTheBound() {
    MirostatSampler sampler = new MirostatSampler(2, 4, 0.5, 0.1, new SeededRandom(3));
    Candidates candidates = candidates(RISING);
    sampler.apply(candidates);
    // mu began at 1 bit: only tokens of probability 1/2 or more may stay, so the best alone does,
    // its surprise is then 0 bits, and mu rises by 0.1 * 0.5.
    assertThat(candidates.size()).isEqualTo(1);
    assertThat(candidates.id(candidates.selected())).isEqualTo(3);
    assertThat(sampler.mu()).isEqualTo(1.05f, within(1e-5f));
  }

  @Test
  void mirostat_longRun_reachesTheTarget() {
    // A Zipf distribution over 1000 tokens; the mean surprise comes near 3 bits.
    for (int version = 1; version <= 2; version++) {
      MirostatSampler sampler = new MirostatSampler(version, 1000, 3, 0.1, new SeededRandom(7));
      float[] probs = new float[1000];
      double sum = 0;
      for (int i = 0; i < 1000; i++) {
        sum += 1.0 / (i + 1);
      }
      for (int i = 0; i < 1000; i++) {
        probs[i] = (float) (1.0 / (i + 1) / sum);
      }
      double surprise = 0;
      for (int i = 0; i < 2000; i++) {
        Candidates candidates = candidates(probs);
        sampler.apply(candidates);
        surprise -= Math.log(candidates.prob(candidates.selected())) / Math.log(2);
      }
      assertThat(surprise / 2000).as("version " + version).isBetween(2.7, 3.3);
    }
  }

  @Test
  void breakers_fromTexts_findsOverlaps() {
    // Tokens: 0 "a", 1 "ab", 2 "xab", 3 "b", 4 "ba"; the breaker is "ab".
    List<String> words = List.of("a", "ab", "xab", "b", "ba");
    SequenceBreakers breakers =
        SequenceBreakers.of(
            List.of("ab"), words.size(), words::get, text -> new int[] {words.indexOf(text)});
    assertThat(breakers.isSingle(1)).isTrue();
    assertThat(breakers.isSingle(2)).isTrue();
    assertThat(breakers.isSingle(0)).isFalse();
    assertThat(breakers.longestTail(new TokenList(0, 3), 1)).isEqualTo(1); // "a" then "b"
    assertThat(breakers.longestTail(new TokenList(0, 0), 1)).isEqualTo(-1);
    assertThat(breakers.longestTail(new TokenList(4, 3), 1)).isEqualTo(1); // "ba" then "b"
    assertThat(breakers.longestTail(new TokenList(3, 3), 1)).isEqualTo(-1);
  }
}
